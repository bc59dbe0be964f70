/// Between Kubernetes and ipam-service: reads what users want, says what was observed, owns nothing of its own.
@NullMarked
package io.multinic.controller;

import org.jspecify.annotations.NullMarked;
