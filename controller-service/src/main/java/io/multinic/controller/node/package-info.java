/// Inventory of hosts from HostInterfaces, and the proof that a node is gone. Pure.
@NullMarked
package io.multinic.controller.node;

import org.jspecify.annotations.NullMarked;
