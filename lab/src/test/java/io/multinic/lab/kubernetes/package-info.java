@NullMarked
package io.multinic.lab.kubernetes;

import org.jspecify.annotations.NullMarked;
