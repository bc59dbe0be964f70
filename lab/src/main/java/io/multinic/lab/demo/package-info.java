/// The demo and the benchmark.
@NullMarked
package io.multinic.lab.demo;

import org.jspecify.annotations.NullMarked;
