/// The embedded Kubernetes API: fabric8's CRUD server, extended for kubectl.
@NullMarked
package io.multinic.lab.kubernetes;

import org.jspecify.annotations.NullMarked;
