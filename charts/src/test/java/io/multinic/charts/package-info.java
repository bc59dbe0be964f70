/// Tests of the Helm chart without a cluster.
@NullMarked
package io.multinic.charts;

import org.jspecify.annotations.NullMarked;
