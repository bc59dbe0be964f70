/// Reconciliation of HostInterfaces and Nodes, and the retirement of nodes that are gone.
@NullMarked
package io.multinic.controller.reconcile.node;

import org.jspecify.annotations.NullMarked;
