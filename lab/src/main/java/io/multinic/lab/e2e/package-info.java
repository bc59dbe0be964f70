/// The platform on a real Kubernetes cluster, as its users meet it: installed, used, disturbed and removed, each thing
/// it promises a step of its own.
@NullMarked
package io.multinic.lab.e2e;

import org.jspecify.annotations.NullMarked;
