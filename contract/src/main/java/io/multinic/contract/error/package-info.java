/// Error codes that all services share, and the exception that carries them.
@NullMarked
package io.multinic.contract.error;

import org.jspecify.annotations.NullMarked;
