@NullMarked
package io.multinic.agent.address;

import org.jspecify.annotations.NullMarked;
