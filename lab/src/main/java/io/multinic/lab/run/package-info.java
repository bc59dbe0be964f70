/// One run of the lab: its files and its output.
@NullMarked
package io.multinic.lab.run;

import org.jspecify.annotations.NullMarked;
