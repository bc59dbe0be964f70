package io.multinic.lab.campaign;

import io.multinic.lab.pod.CniAnswer;
import io.multinic.lab.pod.CniRuntime.Attachment;
import io.multinic.lab.pod.LabPod;
import java.util.List;

/// A sandbox of a pod with its one attachment, as the container runtime knows it.
///
/// @param result the answer of the ADD; of no use unless the state is LIVE
record CampaignPod(LabPod pod, String network, Attachment attachment, CniAnswer result, State state) {

    /// The knowledge of the runtime about a sandbox.
    enum State {
        /// ADD has succeeded.
        LIVE,
        /// ADD has failed, or the pod is being deleted, and no DEL has succeeded yet.
        ENDING,
        /// The sandbox is gone and no DEL will be sent: garbage collection must find it.
        LOST
    }

    CampaignPod with(State changed) {
        return new CampaignPod(pod, network, attachment, result, changed);
    }

    CampaignPod attached(CniAnswer answer) {
        return new CampaignPod(pod, network, attachment, answer, State.LIVE);
    }

    boolean live() {
        return state == State.LIVE;
    }

    String node() {
        return pod.node().name();
    }

    String containerId() {
        return pod.sandbox().containerId();
    }

    List<CniAnswer.Interface> interfaces() {
        return live() ? result.interfaces() : List.of();
    }

    /// The addresses of a live pod, without prefix length.
    List<String> addresses() {
        return interfaces().stream()
                .flatMap(nic -> nic.addresses().stream())
                .map(address -> address.address().toString())
                .toList();
    }

    @Override
    public String toString() {
        return pod.name() + " (" + state + ", " + network + " on " + node() + ", container "
                + containerId().substring(0, 8) + ")";
    }
}
