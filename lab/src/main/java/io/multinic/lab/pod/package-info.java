/// Pods as network namespaces, and the CNI calls that a runtime with Multus makes for them.
@NullMarked
package io.multinic.lab.pod;

import org.jspecify.annotations.NullMarked;
