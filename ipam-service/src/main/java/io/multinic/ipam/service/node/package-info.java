/// Nodes and their agents: inventory, plans, sessions, and quarantine.
@NullMarked
package io.multinic.ipam.service.node;

import org.jspecify.annotations.NullMarked;
