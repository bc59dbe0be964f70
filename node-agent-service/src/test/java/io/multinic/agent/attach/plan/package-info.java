@NullMarked
package io.multinic.agent.attach.plan;

import org.jspecify.annotations.NullMarked;
