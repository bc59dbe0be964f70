/// The Linux network stack as the agent sees it: rtnetlink and namespaces over the FFM API.
@NullMarked
package io.multinic.agent.kernel;

import org.jspecify.annotations.NullMarked;
