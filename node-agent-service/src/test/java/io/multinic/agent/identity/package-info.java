@NullMarked
package io.multinic.agent.identity;

import org.jspecify.annotations.NullMarked;
