/// The end-to-end test (`make e2e`): the images and the chart on a real Kubernetes cluster, tested the way users see
/// them: installed, used, disturbed and removed.
@NullMarked
package io.multinic.e2e;

import org.jspecify.annotations.NullMarked;
