/// Decisions of the reconcilers as functions of what was observed. Pure.
@NullMarked
package io.multinic.controller.decision;

import org.jspecify.annotations.NullMarked;
