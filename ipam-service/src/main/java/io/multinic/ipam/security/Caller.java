package io.multinic.ipam.security;

import java.util.Optional;
import java.util.Set;

/// Caller that was authenticated by a token.
///
/// @param subject of the token, such as `system:serviceaccount:multi-nic:multi-nic-controller`
/// @param node name of the node that the token was issued on
/// @param nodeUid its UID; tokens of older Kubernetes versions have none
public record Caller(String subject, Set<Role> roles, Optional<String> node, Optional<String> nodeUid) {
    public Caller {
        roles = Set.copyOf(roles);
    }

    /// Returns true unless the token was issued on a node with another UID. The name of a node may have belonged to
    /// another machine, whose token may be valid for another hour.
    public boolean mayActFor(String uid) {
        return roles.contains(Role.ADMIN)
                || nodeUid.filter(own -> !own.equals(uid)).isEmpty();
    }
}
