@NullMarked
package io.multinic.agent.garbage;

import org.jspecify.annotations.NullMarked;
