@NullMarked
package io.multinic.agent.route.plan;

import org.jspecify.annotations.NullMarked;
