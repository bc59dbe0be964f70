/// A seeded campaign: steps of pods, faults and repairs on a small lab, and a comparison of kernel, journals and ledger
/// with the expected state after each of them.
@NullMarked
package io.multinic.lab.campaign;

import org.jspecify.annotations.NullMarked;
