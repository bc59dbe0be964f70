package io.multinic.ipam.security;

import java.util.Optional;
import java.util.Set;

/// Who asks, by a token that counts.
///
/// @param subject of the token, such as `system:serviceaccount:multi-nic:multi-nic-controller`
/// @param node the one that the token was given out on
public record Caller(String subject, Set<Role> roles, Optional<String> node) {
    public Caller {
        roles = Set.copyOf(roles);
    }
}
