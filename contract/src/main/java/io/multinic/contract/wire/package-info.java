/// Records that the services exchange as JSON. Field names are the wire names; golden files fix them.
@NullMarked
package io.multinic.contract.wire;

import org.jspecify.annotations.NullMarked;
