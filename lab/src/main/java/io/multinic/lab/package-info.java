/// The command line of the lab: a cluster on one machine, with network namespaces as nodes and pods and the services as
/// processes.
@NullMarked
package io.multinic.lab;

import org.jspecify.annotations.NullMarked;
