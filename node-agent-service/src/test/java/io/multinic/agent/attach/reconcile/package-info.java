@NullMarked
package io.multinic.agent.attach.reconcile;

import org.jspecify.annotations.NullMarked;
