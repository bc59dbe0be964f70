/// The GPUs of a pod, and the places of GPUs and NICs in the PCI tree.
@NullMarked
package io.multinic.agent.gpu;

import org.jspecify.annotations.NullMarked;
