@NullMarked
package io.multinic.e2e.harness;

import org.jspecify.annotations.NullMarked;
