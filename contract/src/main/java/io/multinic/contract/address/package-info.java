/// IP arithmetic that is exact for both families and fails at the ends of a range instead of wrapping around.
@NullMarked
package io.multinic.contract.address;

import org.jspecify.annotations.NullMarked;
