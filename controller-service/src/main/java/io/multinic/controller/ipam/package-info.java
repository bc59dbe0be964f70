/// Port to ipam-service and its REST adapter.
@NullMarked
package io.multinic.controller.ipam;

import org.jspecify.annotations.NullMarked;
