package io.multinic.agent.journal;

/// What the CNI specification knows an attachment by: the sandbox and the interface name asked for, such as `net1`.
public record AttachmentKey(String containerId, String ifName) {
    @Override
    public String toString() {
        return containerId + "/" + ifName;
    }
}
