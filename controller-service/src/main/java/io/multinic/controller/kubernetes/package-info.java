/// The reconcilers, and all that touches the API server.
@NullMarked
package io.multinic.controller.kubernetes;

import org.jspecify.annotations.NullMarked;
