package io.multinic.agent.kernel;

/// A change in the own or another network namespace, without its content.
///
/// @param namespaceId number of the other namespace in the own one, see [NetworkStack#namespaceId]; [#OWN] for the own
/// @param routeProtocol protocol of a changed route; 0 for other kinds
public record NamespaceActivity(int namespaceId, Kind kind, int routeProtocol) {
    public static final int OWN = -1;

    /// Kinds of changed objects.
    public enum Kind {
        LINK,
        ADDRESS,
        ROUTE,
        /// Forwarding, proxy or reverse path filter of a link.
        SETTING,
        /// Events were lost; anything may have changed, in any namespace.
        OVERRUN
    }
}
