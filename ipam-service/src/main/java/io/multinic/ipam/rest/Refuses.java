package io.multinic.ipam.rest;

import io.multinic.contract.error.ErrorCode;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Error codes of an operation, besides those that every operation has. They appear in the OpenAPI document; an
/// undocumented answer fails the tests of the document.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Refuses {
    ErrorCode[] value();
}
