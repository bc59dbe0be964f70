/// Reads HostInterfaces: what a host's NICs are, for ipam-service and for the networks' status. Pure.
@NullMarked
package io.multinic.controller.node;

import org.jspecify.annotations.NullMarked;
