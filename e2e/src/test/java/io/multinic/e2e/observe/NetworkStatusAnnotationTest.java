package io.multinic.e2e.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.multinic.contract.address.IpAddress;
import org.junit.jupiter.api.Test;

class NetworkStatusAnnotationTest {
    private static Pod pod(String annotation, String value) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("a")
                .withNamespace("default")
                .addToAnnotations("k8s.v1.cni.cncf.io/" + annotation, value)
                .endMetadata()
                .build();
    }

    @Test
    void onlyInterfacesOfTheNetworkAreReturned() {
        Pod pod = pod("network-status", """
            [{"name": "default", "interface": "eth0", "ips": ["10.244.1.5"], "default": true},
             {"name": "default/sample", "interface": "net1-0", "ips": ["192.168.0.1"], "mac": "aa"},
             {"name": "default/sample", "interface": "net1-1", "ips": ["192.168.64.1"]},
             {"name": "default/other", "interface": "net2", "ips": ["172.20.0.1"]}]
            """);
        assertThat(NetworkStatusAnnotation.nics(pod, "sample"))
                .containsExactly(
                        new PodNic("net1-0", IpAddress.parse("192.168.0.1")),
                        new PodNic("net1-1", IpAddress.parse("192.168.64.1")));
    }

    @Test
    void podWithoutAnnotationHasNoInterfaces() {
        assertThat(NetworkStatusAnnotation.nics(pod("other", ""), "sample")).isEmpty();
    }
}
