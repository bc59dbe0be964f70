/// What the agent puts on its node beside its own files, and takes away when it leaves for good.
@NullMarked
package io.multinic.agent.install;

import org.jspecify.annotations.NullMarked;
