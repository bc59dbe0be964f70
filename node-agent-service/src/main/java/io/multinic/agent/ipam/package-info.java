/// REST client of ipam-service for one node.
@NullMarked
package io.multinic.agent.ipam;

import org.jspecify.annotations.NullMarked;
