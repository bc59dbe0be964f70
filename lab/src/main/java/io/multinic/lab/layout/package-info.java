/// The cluster's shape: nodes, fabrics, addresses; and the kernel objects that make it.
@NullMarked
package io.multinic.lab.layout;

import org.jspecify.annotations.NullMarked;
