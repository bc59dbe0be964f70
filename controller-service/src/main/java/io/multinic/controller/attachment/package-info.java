/// Which NetworkAttachmentDefinitions a network should have, and what to do about those there are. Pure.
@NullMarked
package io.multinic.controller.attachment;

import org.jspecify.annotations.NullMarked;
