/// Configuration: beans and settings.
@NullMarked
package io.multinic.ipam.config;

import org.jspecify.annotations.NullMarked;
