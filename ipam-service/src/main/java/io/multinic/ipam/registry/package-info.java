/// What the service does for its callers: each operation one transaction, retried whole.
@NullMarked
package io.multinic.ipam.registry;

import org.jspecify.annotations.NullMarked;
