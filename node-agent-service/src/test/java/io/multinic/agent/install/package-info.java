@NullMarked
package io.multinic.agent.install;

import org.jspecify.annotations.NullMarked;
