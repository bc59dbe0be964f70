package io.multinic.controller.kubernetes;

/// The controller's name at the API server: its user agent, hence the manager of the fields that it writes, and the
/// source of its Events.
public final class ControllerIdentity {
    public static final String NAME = "multi-nic-controller";

    private ControllerIdentity() {}
}
