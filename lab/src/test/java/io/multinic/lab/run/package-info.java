@NullMarked
package io.multinic.lab.run;

import org.jspecify.annotations.NullMarked;
