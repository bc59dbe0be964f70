/// A whole cluster on one machine: network namespaces as nodes and pods, the real services as processes.
@NullMarked
package io.multinic.lab;

import org.jspecify.annotations.NullMarked;
