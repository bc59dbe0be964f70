/// The custom resources of `multinic.fms.io/v1`; the CRDs of the chart are generated from these classes.
///
/// Names and shapes are those of the original, so that its users' YAML works unchanged; what is ours is added, never
/// renamed.
@NullMarked
package io.multinic.contract.crd;

import org.jspecify.annotations.NullMarked;
