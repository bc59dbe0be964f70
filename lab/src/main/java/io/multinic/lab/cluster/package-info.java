/// A real Kubernetes cluster in the lab's layout: API server, kubelets, containerd, Multus. What it is built from and
/// how a node boots is in `lab/cluster`.
@NullMarked
package io.multinic.lab.cluster;

import org.jspecify.annotations.NullMarked;
