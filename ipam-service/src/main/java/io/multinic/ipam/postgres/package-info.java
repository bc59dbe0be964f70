/// A PostgreSQL of the service's own, for the profile `embedded`.
@NullMarked
package io.multinic.ipam.postgres;

import org.jspecify.annotations.NullMarked;
