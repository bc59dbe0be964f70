/// Strict reading of requests: parameters, JSON values, media types, methods, and body size.
@NullMarked
package io.multinic.ipam.rest.strict;

import org.jspecify.annotations.NullMarked;
