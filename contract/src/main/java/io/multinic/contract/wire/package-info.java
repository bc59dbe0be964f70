/// The records that the services send each other as JSON. Field names are the wire names; golden files hold them.
@NullMarked
package io.multinic.contract.wire;

import org.jspecify.annotations.NullMarked;
