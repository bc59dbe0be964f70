@NullMarked
package io.multinic.agent.attach;

import org.jspecify.annotations.NullMarked;
