@NullMarked
package io.multinic.agent;

import org.jspecify.annotations.NullMarked;
