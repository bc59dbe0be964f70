/// Parts that all reconcilers share: Events, requeue times, errors of the API server.
@NullMarked
package io.multinic.controller.kubernetes;

import org.jspecify.annotations.NullMarked;
