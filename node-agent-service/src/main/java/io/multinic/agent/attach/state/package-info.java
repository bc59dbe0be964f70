/// The state of attachments as values: desired state, observed state, and the differences with their repairs. Pure.
@NullMarked
package io.multinic.agent.attach.state;

import org.jspecify.annotations.NullMarked;
