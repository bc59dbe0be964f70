@NullMarked
package io.multinic.lab;

import org.jspecify.annotations.NullMarked;
