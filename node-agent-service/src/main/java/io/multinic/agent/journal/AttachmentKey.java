package io.multinic.agent.journal;

/// Key of an attachment in the CNI specification: the container id and the requested interface name, such as `net1`.
public record AttachmentKey(String containerId, String ifName) {
    @Override
    public String toString() {
        return containerId + "/" + ifName;
    }
}
