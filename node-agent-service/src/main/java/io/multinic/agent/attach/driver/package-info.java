/// Drivers that create, verify and remove the interfaces of a pod: by netlink, or by executing a CNI plugin.
@NullMarked
package io.multinic.agent.attach.driver;

import org.jspecify.annotations.NullMarked;
