/// Random walks over the whole state of the service, compared with a reference model that shares no code with it.
@NullMarked
package io.multinic.ipam.model;

import org.jspecify.annotations.NullMarked;
