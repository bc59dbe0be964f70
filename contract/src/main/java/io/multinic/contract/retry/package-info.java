/// Waiting times between the attempts of an operation that failed.
@NullMarked
package io.multinic.contract.retry;

import org.jspecify.annotations.NullMarked;
