@NullMarked
package io.multinic.lab.pod;

import org.jspecify.annotations.NullMarked;
