/// IP arithmetic that is exact for both families: no strings, no floating sizes, no surprises at the ends of a range.
@NullMarked
package io.multinic.contract.address;

import org.jspecify.annotations.NullMarked;
