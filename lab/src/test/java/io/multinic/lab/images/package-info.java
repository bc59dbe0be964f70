@NullMarked
package io.multinic.lab.images;

import org.jspecify.annotations.NullMarked;
