/// Controller between Kubernetes and ipam-service: passes on desired networks and node inventories, and reports the
/// observed status. It stores nothing itself.
@NullMarked
package io.multinic.controller;

import org.jspecify.annotations.NullMarked;
