@NullMarked
package io.multinic.lab.outage;

import org.jspecify.annotations.NullMarked;
