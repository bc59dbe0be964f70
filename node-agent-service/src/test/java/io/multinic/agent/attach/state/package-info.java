@NullMarked
package io.multinic.agent.attach.state;

import org.jspecify.annotations.NullMarked;
