/// The steps of the end-to-end test, one class for each subject.
@NullMarked
package io.multinic.e2e.steps;

import org.jspecify.annotations.NullMarked;
