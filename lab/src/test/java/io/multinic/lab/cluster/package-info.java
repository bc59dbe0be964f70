@NullMarked
package io.multinic.lab.cluster;

import org.jspecify.annotations.NullMarked;
