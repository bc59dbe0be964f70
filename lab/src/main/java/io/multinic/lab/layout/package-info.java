/// The layout of the cluster (nodes, fabrics, addresses) and the kernel objects that implement it.
@NullMarked
package io.multinic.lab.layout;

import org.jspecify.annotations.NullMarked;
