@NullMarked
package io.multinic.e2e;

import org.jspecify.annotations.NullMarked;
