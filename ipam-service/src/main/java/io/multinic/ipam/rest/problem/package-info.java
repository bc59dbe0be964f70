/// Error responses as problem+json.
@NullMarked
package io.multinic.ipam.rest.problem;

import org.jspecify.annotations.NullMarked;
