/// Clients of the cluster's APIs: the REST API of ipam-service, and MultiNicNetwork resources.
@NullMarked
package io.multinic.lab.client;

import org.jspecify.annotations.NullMarked;
