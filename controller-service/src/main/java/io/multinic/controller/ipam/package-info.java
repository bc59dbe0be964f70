/// What the controller asks of ipam-service, and how it does so over HTTP.
@NullMarked
package io.multinic.controller.ipam;

import org.jspecify.annotations.NullMarked;
