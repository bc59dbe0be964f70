/// The identity of this node: the UID of its Node object, kept on disk.
@NullMarked
package io.multinic.agent.identity;

import org.jspecify.annotations.NullMarked;
