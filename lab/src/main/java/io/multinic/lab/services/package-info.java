/// A lab with the embedded Kubernetes API: the services as processes, started, awaited and ended.
@NullMarked
package io.multinic.lab.services;

import org.jspecify.annotations.NullMarked;
