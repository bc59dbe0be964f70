/// Reads a MultiNicNetwork's specification: the definition for ipam-service and the CNI configuration of attachments,
/// or the reason why it cannot be used. Pure.
@NullMarked
package io.multinic.controller.network;

import org.jspecify.annotations.NullMarked;
