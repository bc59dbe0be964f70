@NullMarked
package io.multinic.agent.select;

import org.jspecify.annotations.NullMarked;
