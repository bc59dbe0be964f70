/// Fixtures of the integration tests: one PostgreSQL for all of them, services on it, and a REST client.
@NullMarked
package io.multinic.ipam.support;

import org.jspecify.annotations.NullMarked;
