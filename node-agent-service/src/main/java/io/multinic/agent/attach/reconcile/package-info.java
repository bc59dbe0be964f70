/// Keeps attachments as their records say: reconciles what was attached and reports what cannot be restored.
@NullMarked
package io.multinic.agent.attach.reconcile;

import org.jspecify.annotations.NullMarked;
