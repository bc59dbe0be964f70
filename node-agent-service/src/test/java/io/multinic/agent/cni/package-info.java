@NullMarked
package io.multinic.agent.cni;

import org.jspecify.annotations.NullMarked;
