/// Runs steps and reports their outcomes; gives them the cluster and the Helm release to work with.
@NullMarked
package io.multinic.e2e.harness;

import org.jspecify.annotations.NullMarked;
