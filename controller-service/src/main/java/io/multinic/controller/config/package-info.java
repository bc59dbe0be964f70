/// Beans and settings of the controller.
@NullMarked
package io.multinic.controller.config;

import org.jspecify.annotations.NullMarked;
