/// Who may do what: tokens, the roles of those they speak for, and the operations that each role may use.
@NullMarked
package io.multinic.ipam.security;

import org.jspecify.annotations.NullMarked;
