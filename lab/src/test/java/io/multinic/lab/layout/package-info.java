@NullMarked
package io.multinic.lab.layout;

import org.jspecify.annotations.NullMarked;
