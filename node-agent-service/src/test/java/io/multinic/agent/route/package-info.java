/// Tests of the host routes.
@NullMarked
package io.multinic.agent.route;

import org.jspecify.annotations.NullMarked;
