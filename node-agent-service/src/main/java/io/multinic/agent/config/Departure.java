package io.multinic.agent.config;

/// Whether the agent was stopped because it is being removed from its node; no bean of a life cycle, since Spring stops
/// those that know another one before it, whatever their phases.
final class Departure {
    private volatile boolean forGood;

    void isForGood() {
        forGood = true;
    }

    boolean forGood() {
        return forGood;
    }
}
