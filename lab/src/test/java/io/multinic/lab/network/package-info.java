@NullMarked
package io.multinic.lab.network;

import org.jspecify.annotations.NullMarked;
