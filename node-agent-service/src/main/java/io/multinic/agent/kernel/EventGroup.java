package io.multinic.agent.kernel;

/// Kinds of kernel events that a subscription can receive.
public enum EventGroup {
    LINKS,
    ADDRESSES,
    ROUTES,
    RULES
}
