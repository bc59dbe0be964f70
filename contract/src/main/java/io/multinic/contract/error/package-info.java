/// Error codes that every service speaks, and the one exception that carries them.
@NullMarked
package io.multinic.contract.error;

import org.jspecify.annotations.NullMarked;
