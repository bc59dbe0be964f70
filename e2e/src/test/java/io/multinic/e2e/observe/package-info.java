@NullMarked
package io.multinic.e2e.observe;

import org.jspecify.annotations.NullMarked;
