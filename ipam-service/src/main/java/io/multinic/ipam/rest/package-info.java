/// REST edge: checks requests and maps them to services.
@NullMarked
package io.multinic.ipam.rest;

import org.jspecify.annotations.NullMarked;
