package io.multinic.lab.demo;

import io.multinic.lab.pod.LabPod;
import io.multinic.lab.services.Lab;
import io.multinic.lab.trust.LabTrust;
import java.util.List;

/// Commands for a person to try in a lab that stays up.
final class DemoHints {
    private DemoHints() {}

    static String of(Lab lab, List<LabPod> pods) {
        LabTrust trust = lab.files().trust();
        LabPod first = pods.getFirst();
        LabPod last = pods.getLast();
        String address =
                last.interfaces().getFirst().addresses().getFirst().address().toString();
        return """

            The lab %s is up. What to try (as root, in this checkout):

              lab/enter kubectl get multinicnetworks,hostinterfaces,pods
              lab/enter kubectl get network-attachment-definitions -A
              lab/enter kubectl get pod %s -o yaml
              lab/enter ip netns exec %s ping -c 3 -I %s %s
              lab/enter ip netns exec %s ip route
              lab/enter                       a shell inside: nodes and pods are network namespaces (ip netns)

            ipam-service, with a reader's token (admin, controller and agents have theirs beside it):

              trust=%s
              ipam() { lab/enter curl -s --cacert $trust/ca.crt -H "Authorization: Bearer $(cat $trust/%s)" "%s$1"; }
              ipam /api/v1/networks/multi-nic-sample | jq
              ipam '/api/v1/audit?network=multi-nic-sample' | jq
              ipam /actuator/prometheus | grep multi_nic

            A pod by hand, and its end:

              lab/podctl add %s my-pod
              lab/podctl delete my-pod

            Logs are in %s. make demo-down ends the lab.
            """.formatted(
                        lab.files().run().getFileName().toString().replaceAll(".*\\.", ""),
                        first.name(),
                        first.sandbox().namespace(),
                        first.interfaces().getFirst().name(),
                        address,
                        first.sandbox().namespace(),
                        trust.directory(),
                        trust.token(LabTrust.Account.READER).getFileName(),
                        lab.ipamUrl(),
                        first.node().name(),
                        lab.files().run());
    }
}
