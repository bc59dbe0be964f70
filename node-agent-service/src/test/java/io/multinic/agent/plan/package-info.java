/// Tests of the way to and from ipam-service.
@NullMarked
package io.multinic.agent.plan;

import org.jspecify.annotations.NullMarked;
