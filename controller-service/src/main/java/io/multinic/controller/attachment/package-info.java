/// Planner of the NetworkAttachmentDefinitions that a network should have. Pure.
@NullMarked
package io.multinic.controller.attachment;

import org.jspecify.annotations.NullMarked;
