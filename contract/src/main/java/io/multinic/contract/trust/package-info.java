/// How a process proves to another one who it is, and knows whom it speaks to: by files that are renewed
/// while it runs.
@NullMarked
package io.multinic.contract.trust;

import org.jspecify.annotations.NullMarked;
