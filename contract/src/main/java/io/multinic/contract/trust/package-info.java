/// Tokens and CA certificates from files that are renewed while the process runs.
@NullMarked
package io.multinic.contract.trust;

import org.jspecify.annotations.NullMarked;
