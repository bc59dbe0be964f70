@NullMarked
package io.multinic.agent.ipam;

import org.jspecify.annotations.NullMarked;
