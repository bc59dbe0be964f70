/// Reconciliation of MultiNicNetworks: plan, attachments, status, deletion.
@NullMarked
package io.multinic.controller.reconcile.network;

import org.jspecify.annotations.NullMarked;
