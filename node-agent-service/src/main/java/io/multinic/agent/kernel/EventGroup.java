package io.multinic.agent.kernel;

/// What to be told about.
public enum EventGroup {
    LINKS,
    ADDRESSES,
    ROUTES,
    RULES
}
