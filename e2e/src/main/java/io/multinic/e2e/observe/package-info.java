/// Independent observations of a network (kernels of the nodes, pod annotations, ledger) and the invariants that must
/// hold between them.
@NullMarked
package io.multinic.e2e.observe;

import org.jspecify.annotations.NullMarked;
