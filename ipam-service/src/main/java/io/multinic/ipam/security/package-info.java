/// Authentication and authorization: tokens, roles, and the operations of each role.
@NullMarked
package io.multinic.ipam.security;

import org.jspecify.annotations.NullMarked;
