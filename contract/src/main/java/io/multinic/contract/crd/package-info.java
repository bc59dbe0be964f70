/// The custom resources of `multinic.fms.io/v1`; the CRDs of the chart are generated from these classes.
///
/// Names and structure are those of the original, so that its users' YAML works unchanged; our fields are additions.
@NullMarked
package io.multinic.contract.crd;

import org.jspecify.annotations.NullMarked;
