/// The REST edge: checks requests, maps errors to problem+json.
@NullMarked
package io.multinic.ipam.rest;

import org.jspecify.annotations.NullMarked;
