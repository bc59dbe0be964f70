/// Agents that wait for a change of their plan, and what wakes them.
@NullMarked
package io.multinic.ipam.poll;

import org.jspecify.annotations.NullMarked;
