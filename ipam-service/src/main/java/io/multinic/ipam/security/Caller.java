package io.multinic.ipam.security;

import java.util.Optional;
import java.util.Set;

/// Who asks, by a token that counts.
///
/// @param subject of the token, such as `system:serviceaccount:multi-nic:multi-nic-controller`
/// @param node the name of the one that the token was given out on
/// @param nodeUid its UID; a token of an older Kubernetes has none
public record Caller(String subject, Set<Role> roles, Optional<String> node, Optional<String> nodeUid) {
    public Caller {
        roles = Set.copyOf(roles);
    }

    /// Whether the caller may speak for the node of this UID, as far as the UID decides it. The name of a node may
    /// have been another machine's, and that one's token may live on for an hour.
    public boolean maySpeakFor(String uid) {
        return roles.contains(Role.ADMIN)
                || nodeUid.filter(own -> !own.equals(uid)).isEmpty();
    }
}
