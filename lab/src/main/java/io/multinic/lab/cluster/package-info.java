/// A real Kubernetes cluster in the lab's layout: API server, kubelets, containerd, Multus. `lab/cluster/README.md`
/// describes its programs and how a node boots.
@NullMarked
package io.multinic.lab.cluster;

import org.jspecify.annotations.NullMarked;
