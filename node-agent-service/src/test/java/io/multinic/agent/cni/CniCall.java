package io.multinic.agent.cni;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A CNI call as Multus makes it; tests modify its headers and configuration.
final class CniCall {
    static final JsonMapper JSON = JsonMapper.builder().build();

    final Map<String, String> headers = new LinkedHashMap<>();
    final ObjectNode config;
    byte[] stdin = new byte[0];

    private CniCall(String command, String containerId, String netns, ObjectNode config) {
        headers.put("Cni-Plugin", "multi-nic");
        headers.put("Cni-Command", command);
        headers.put("Cni-Containerid", containerId);
        headers.put("Cni-Netns", netns);
        headers.put("Cni-Ifname", "net1");
        headers.put(
                "Cni-Args",
                "IgnoreUnknown=true;K8S_POD_NAMESPACE=default;K8S_POD_NAME=pod-" + containerId + ";K8S_POD_UID=u1");
        headers.put("Cni-Path", "/usr/lib/cni");
        this.config = config;
    }

    /// The configuration that the controller generates for the sample, with another plugin.
    static ObjectNode config(String pluginType) {
        return (ObjectNode) JSON.readTree("""
                {"cniVersion":"1.0.0","name":"multi-nic-sample","type":"multi-nic",
                 "ipam":{"hostBlock":6,"interfaceBlock":2,"type":"multi-nic-ipam","vlanMode":"l3"},"dns":{},
                 "plugin":{"cniVersion":"0.3.0","type":"%s"},
                 "subnet":"192.168.0.0/16","masterNets":["10.0.1.0/24","10.0.2.0/24"],
                 "multiNICIPAM":true,"daemonIP":"","daemonPort":11000}""".formatted(pluginType));
    }

    static CniCall of(String command, String containerId, String netns, String pluginType) {
        return new CniCall(command, containerId, netns, config(pluginType));
    }

    static CniCall add(String containerId, TestNamespace pod, String pluginType) {
        return of("ADD", containerId, pod.netns(), pluginType);
    }

    static CniCall del(String containerId, String netns) {
        return of("DEL", containerId, netns, "");
    }

    /// Sets one of the pod's `cni-args`.
    CniCall podArgs(String json) {
        config.withObject("/args").set("cni", JSON.readTree(json));
        return this;
    }

    CniCall header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    CniCall raw(String text) {
        stdin = text.getBytes(StandardCharsets.UTF_8);
        return this;
    }

    byte[] body() {
        return stdin.length > 0 ? stdin : JSON.writeValueAsBytes(config);
    }

    Answer on(TestNode node) {
        return on(node.handler);
    }

    Answer on(CniHandler handler) {
        CniReply reply = handler.handle(headers::get, body());
        return new Answer(reply.status(), reply.body());
    }

    /// The reply to a call.
    ///
    /// @param text the text that the binary prints
    record Answer(int status, String text) {
        JsonNode json() {
            return JSON.readTree(text);
        }

        /// The CNI error code; 0 if the call succeeded.
        int code() {
            return status == 200 ? 0 : json().path("code").asInt();
        }

        String message() {
            return json().path("msg").asString("");
        }

        String address(int index) {
            return json().path("ips").path(index).path("address").asString("");
        }

        /// Without the prefix length.
        String ip(int index) {
            return address(index).replaceAll("/.*", "");
        }
    }
}
