@NullMarked
package io.multinic.agent.exec;

import org.jspecify.annotations.NullMarked;
