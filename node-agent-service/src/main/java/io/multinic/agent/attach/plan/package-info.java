/// The request, the plan and the result of an attachment, and the decisions that lead from one to the next: pure.
@NullMarked
package io.multinic.agent.attach.plan;

import org.jspecify.annotations.NullMarked;
