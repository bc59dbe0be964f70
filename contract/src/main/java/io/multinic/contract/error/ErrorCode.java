package io.multinic.contract.error;

/// Error codes with their numbers in CNI errors.
///
/// 1 to 99 are the CNI specification's own; ours start at 100. The name is the `code` of a problem+json answer.
public enum ErrorCode {
    INCOMPATIBLE_CNI_VERSION(ErrorKind.CALLER, 1),
    INVALID_ENVIRONMENT(ErrorKind.CALLER, 4),
    UNREADABLE_CONTENT(ErrorKind.CALLER, 6),
    INVALID_NETWORK_CONFIG(ErrorKind.CALLER, 7),
    TRY_AGAIN_LATER(ErrorKind.TRANSIENT, 11),

    /// The node's plan has no network of this name.
    NETWORK_UNKNOWN(ErrorKind.CALLER, 100),
    /// A named master is not a NIC of this node in this network.
    MASTER_UNKNOWN(ErrorKind.CALLER, 101),
    /// More NICs are requested than this node has in this network.
    TOO_FEW_NICS(ErrorKind.CAPACITY, 102),
    /// No address of the node's block is free.
    BLOCK_FULL(ErrorKind.CAPACITY, 103),
    /// The delegated CNI plugin is not in CNI_PATH.
    PLUGIN_NOT_FOUND(ErrorKind.CALLER, 104),
    /// The delegated CNI plugin failed; its own message is passed on.
    PLUGIN_FAILED(ErrorKind.INTERNAL, 105),
    /// CNI_NETNS is not a network namespace.
    NETNS_UNUSABLE(ErrorKind.CALLER, 106),
    /// (container id, interface name) is attached already, with another configuration.
    ATTACHMENT_DIFFERS(ErrorKind.CALLER, 107),
    /// (container id, interface name) was deleted; a late ADD must not create it again.
    ATTACHMENT_DELETED(ErrorKind.CALLER, 108),
    /// CHECK found something other than what was attached.
    ATTACHMENT_BROKEN(ErrorKind.INTERNAL, 109),
    /// A static address cannot be assigned: outside the node's blocks, excluded, or held.
    ADDRESS_UNAVAILABLE(ErrorKind.CAPACITY, 110),
    /// The kernel refused a change.
    KERNEL_REFUSED(ErrorKind.INTERNAL, 111),
    /// The kernel lacks what the plugin needs, such as the ipvlan module.
    KERNEL_LACKS_SUPPORT(ErrorKind.CALLER, 112),
    /// A NIC for which the node has a block is missing, down, or without its address.
    NIC_UNUSABLE(ErrorKind.CAPACITY, 113),

    /// A MultiNicNetwork or its IPAM text cannot be used as it is.
    INVALID_NETWORK(ErrorKind.CALLER, 120),
    /// An edit of a network would move blocks that are in use.
    NETWORK_EDIT_REFUSED(ErrorKind.CALLER, 121),
    /// A REST request is wrong.
    INVALID_REQUEST(ErrorKind.CALLER, 122),
    /// ipam-service does not know the node.
    NODE_UNKNOWN(ErrorKind.CALLER, 123),
    /// The agent's session is older than another one of the same node.
    STALE_SESSION(ErrorKind.CALLER, 124),
    /// The object is in use and cannot be deleted.
    IN_USE(ErrorKind.CALLER, 125),
    /// A ledger batch starts after events that the ledger does not have.
    LEDGER_GAP(ErrorKind.CALLER, 126),
    /// A REST request has no token, or an invalid one.
    NOT_AUTHENTICATED(ErrorKind.CALLER, 127),
    /// The token does not permit the REST request.
    NOT_ALLOWED(ErrorKind.CALLER, 128),
    /// Addresses cannot be reserved: another reservation has some of them, or they are not the network's.
    RESERVATION_REFUSED(ErrorKind.CALLER, 130),
    /// The address to release has no holder.
    ADDRESS_NOT_HELD(ErrorKind.CALLER, 131),
    /// The node has been retired: its blocks may be another node's.
    NODE_RETIRED(ErrorKind.CALLER, 132),
    /// The database may have lost commits: changes that remove blocks must wait until the nodes have stated theirs.
    QUARANTINED(ErrorKind.TRANSIENT, 133),
    /// The agent must open a session, and state its blocks, before it gets the plan again.
    SESSION_NEEDED(ErrorKind.CALLER, 134),

    INTERNAL(ErrorKind.INTERNAL, 199);

    private final ErrorKind kind;
    private final int cniCode;

    ErrorCode(ErrorKind kind, int cniCode) {
        this.kind = kind;
        this.cniCode = cniCode;
    }

    public ErrorKind kind() {
        return kind;
    }

    /// The `code` of a CNI error result.
    public int cniCode() {
        return cniCode;
    }
}
