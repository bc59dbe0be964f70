/// What the integration tests stand on: one real PostgreSQL for the whole run, services on it, a real HTTP client.
@NullMarked
package io.multinic.ipam.support;

import org.jspecify.annotations.NullMarked;
