package io.multinic.lab.pod;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.lab.process.Command;
import io.multinic.lab.process.LabException;
import java.util.ArrayList;
import java.util.List;

/// The answer of a CNI plugin: its exit status and its output, which is a JSON result, a JSON error, or empty.
public record CniAnswer(int exit, String text) {

    /// An interface in the pod, with its addresses.
    public record Interface(String name, String mac, List<PrefixedAddress> addresses) {
        public Interface {
            addresses = List.copyOf(addresses);
        }
    }

    static CniAnswer of(Command.Result result) {
        return new CniAnswer(result.exit(), result.out());
    }

    public boolean ok() {
        return exit == 0;
    }

    public JsonNode json() {
        return Serialization.unmarshal(text, JsonNode.class);
    }

    /// The `code` of an error; 0 for a success.
    public int code() {
        return ok() ? 0 : json().path("code").asInt();
    }

    /// The `msg` and `details` of an error.
    public String message() {
        return ok()
                ? ""
                : (json().path("msg").asText() + " " + json().path("details").asText()).strip();
    }

    /// The interfaces of a result that are inside a sandbox, in the order of the result.
    public List<Interface> interfaces() {
        var found = new ArrayList<Interface>();
        JsonNode interfaces = json().path("interfaces");
        for (int i = 0; i < interfaces.size(); i++) {
            if (interfaces.path(i).path("sandbox").asText().isEmpty()) {
                continue;
            }
            var addresses = new ArrayList<PrefixedAddress>();
            for (JsonNode ip : json().path("ips")) {
                if (ip.path("interface").asInt(-1) == i) {
                    addresses.add(PrefixedAddress.parse(ip.path("address").asText()));
                }
            }
            found.add(new Interface(
                    interfaces.path(i).path("name").asText(),
                    interfaces.path(i).path("mac").asText(),
                    addresses));
        }
        return found;
    }

    /// @throws LabException with the plugin's error, if the call failed
    public CniAnswer orThrow() {
        if (!ok()) {
            throw new LabException("CNI error " + code() + ": " + message());
        }
        return this;
    }
}
