/// Poll state of an agent and the answer to it. Pure: no SQL, Spring or clock.
@NullMarked
package io.multinic.ipam.poll;

import org.jspecify.annotations.NullMarked;
