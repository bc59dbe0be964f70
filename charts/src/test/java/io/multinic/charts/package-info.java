/// The Helm chart, tried without a cluster.
@NullMarked
package io.multinic.charts;

import org.jspecify.annotations.NullMarked;
