/// Reads a MultiNicNetwork as its user wrote it: what ipam-service is to plan, what a pod's attachment is to say, or
/// why it cannot be used. Pure.
@NullMarked
package io.multinic.controller.network;

import org.jspecify.annotations.NullMarked;
