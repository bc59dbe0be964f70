/// The CNI verbs on the Unix socket.
@NullMarked
package io.multinic.agent.cni;

import org.jspecify.annotations.NullMarked;
