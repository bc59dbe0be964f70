@NullMarked
package io.multinic.lab.demo;

import org.jspecify.annotations.NullMarked;
