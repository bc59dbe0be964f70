@NullMarked
package io.multinic.lab.e2e;

import org.jspecify.annotations.NullMarked;
