package io.multinic.controller.kubernetes;

/// Who the controller is to the API server: its user agent, and so the manager of the fields that it writes, and the
/// source of its Events.
public final class ControllerIdentity {
    public static final String NAME = "multi-nic-controller";

    private ControllerIdentity() {}
}
