/// OpenAPI document, generated from controllers, wire records and checks.
@NullMarked
package io.multinic.ipam.openapi;

import org.jspecify.annotations.NullMarked;
