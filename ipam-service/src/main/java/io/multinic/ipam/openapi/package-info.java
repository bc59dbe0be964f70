/// The OpenAPI document: what the code says of itself, and what it must be told.
@NullMarked
package io.multinic.ipam.openapi;

import org.jspecify.annotations.NullMarked;
