package io.multinic.ipam.rest;

import io.multinic.contract.error.ErrorCode;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The codes with which this operation may refuse a request, beyond those that every operation has. The
/// OpenAPI document tells them; an answer that it does not tell of fails the tests of that document.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Refuses {
    ErrorCode[] value();
}
