/// Tests of NIC discovery and of the published HostInterface.
@NullMarked
package io.multinic.agent.nic;

import org.jspecify.annotations.NullMarked;
