/// Processes of the lab: commands that run to completion, services that run until stopped, and waiting for both.
@NullMarked
package io.multinic.lab.process;

import org.jspecify.annotations.NullMarked;
