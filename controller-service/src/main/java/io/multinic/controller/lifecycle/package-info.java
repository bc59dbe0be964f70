/// Start and stop of the controller, leader election and periodic checks.
@NullMarked
package io.multinic.controller.lifecycle;

import org.jspecify.annotations.NullMarked;
