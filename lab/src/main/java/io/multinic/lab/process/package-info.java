/// Programs that the lab runs: commands that end, and services that stay.
@NullMarked
package io.multinic.lab.process;

import org.jspecify.annotations.NullMarked;
