@NullMarked
package io.multinic.controller.lifecycle;

import org.jspecify.annotations.NullMarked;
