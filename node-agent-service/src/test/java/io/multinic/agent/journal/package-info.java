@NullMarked
package io.multinic.agent.journal;

import org.jspecify.annotations.NullMarked;
