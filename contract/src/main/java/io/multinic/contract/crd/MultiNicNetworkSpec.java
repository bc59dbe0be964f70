package io.multinic.contract.crd;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Specification of a network by its user; `ipam` is JSON text, as in the original.
///
/// The rules are the API server's part of the validation; they refuse nothing that worked with the original. The
/// controller repeats all checks and adds those that need a JSON parser, the other networks or the nodes.
@ValidationRule(
        value = "!" + CelRules.WANTS_OURS + " || self.ipam.matches(" + CelRules.OUR_IPAM + ")",
        message = "must have type \"multi-nic-ipam\" when multiNICIPAM is true",
        fieldPath = ".ipam")
@ValidationRule(
        value = CelRules.WANTS_OURS + " || !self.ipam.matches(" + CelRules.OUR_IPAM + ")",
        message = "must be true for ipam of type \"multi-nic-ipam\", which otherwise has no addresses to give",
        fieldPath = ".multiNICIPAM")
@ValidationRule(
        value = "!" + CelRules.PLANNED + " || !has(self.subnet) || [" + CelRules.INTERFACE_BLOCK + " + "
                + CelRules.HOST_BLOCK
                + "].all(bits, self.subnet.split(',').filter(net, isCIDR(net.trim())).all(net,"
                + " cidr(net.trim()).prefixLength() + bits <= (cidr(net.trim()).ip().family() == 4 ? 32 : 128)))",
        message = "interfaceBlock and hostBlock do not fit into the subnet: they and its prefix length must not exceed"
                + " 32 bits together (IPv6: 128)",
        fieldPath = ".ipam")
@ValidationRule(
        value = "!" + CelRules.PLANNED
                + " || !has(self.subnet) || self.subnet.trim() == '' || !has(self.masterNets) || ["
                + CelRules.INTERFACE_BLOCK
                + "].all(bits, bits > 8 || size(self.masterNets) <= [1, 2, 4, 8, 16, 32, 64, 128, 256][bits])",
        message = "has more networks than interfaceBlock has bits for; use a larger interfaceBlock or fewer networks",
        fieldPath = ".masterNets")
@JsonClassDescription("Specification of the network.")
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record MultiNicNetworkSpec(
        @JsonPropertyDescription(
                "Subnet that the pods' addresses come from: one CIDR, or one of each family separated by a comma."
                        + " Empty: every NIC's own network is divided.")
        @Size(max = 128)
        @ValidationRule(
                value = "self.trim() == '' || self.split(',').all(net, isCIDR(net.trim()))",
                message = "must be a CIDR such as 192.168.0.0/16, or an IPv4 and an IPv6 one with a comma between them")
        @ValidationRule(
                value = "[4, 6].all(family, self.split(',').filter(net, isCIDR(net.trim())"
                        + " && cidr(net.trim()).ip().family() == family).size() <= 1)",
                message = "must have one CIDR of each family at most")
        @Nullable
        String subnet,

        @JsonPropertyDescription("Networks of the NICs to use, in the order of the pod's interfaces. Empty: all.")
        @Size(max = 256)
        @ValidationRule(value = "self.all(net, isCIDR(net))", message = "must be CIDRs such as 10.0.1.0/24")
        @ValidationRule(
                value = "!self.all(net, isCIDR(net)) || self.all(net, self.exists_one(other,"
                        + " cidr(other).masked() == cidr(net).masked()))",
                message = "must not name a network twice")
        List<@Size(max = 64) @Pattern("^[0-9a-fA-F:.]+/[0-9]{1,3}$") String> masterNets,

        @JsonPropertyDescription(
                "IPAM configuration as JSON text, such as {\"type\":\"multi-nic-ipam\",\"interfaceBlock\":2,"
                        + "\"hostBlock\":8,\"vlanMode\":\"l3\"}.")
        @Required
        @Size(min = 2, max = 65536)
        @ValidationRule(
                value = "self.matches(r'(?s)^\\s*\\{.*\\}\\s*$')",
                message = "must be a JSON object such as {\"type\":\"multi-nic-ipam\"}")
        @ValidationRule(
                value = "self.matches(r'\"type\"\\s*:\\s*\"[^\"]+\"')",
                message = "must name the IPAM plugin, such as \"type\":\"multi-nic-ipam\"")
        @ValidationRule(
                value =
                        "!self.matches(" + CelRules.OUR_IPAM + ")"
                                + " || self.findAll(r'\"(interfaceBlock|hostBlock)\"\\s*:').size()"
                                + " == self.findAll(r'\"(interfaceBlock|hostBlock)\"\\s*:\\s*(null|[0-9]{1,3})\\s*[,}]').size()",
                message = "interfaceBlock and hostBlock must be whole numbers of bits, such as \"hostBlock\":8")
        @ValidationRule(
                value = "!self.matches(" + CelRules.OUR_IPAM + ") || self.findAll(r'\"vlanMode\"\\s*:').size()"
                        + " == self.findAll(r'\"vlanMode\"\\s*:\\s*(null|\"(l2|l3|l3s)?\")').size()",
                message = "vlanMode must be l2, l3 or l3s, or be left out")
        String ipam,

        @JsonProperty("multiNICIPAM")
        @JsonPropertyDescription("Source of the addresses: the multi-NIC IPAM (true) or a single-NIC IPAM (false).")
        @JsonInclude(JsonInclude.Include.ALWAYS)
        boolean multiNicIpam,

        @JsonPropertyDescription("The CNI plugin that creates each interface.") @Required @Nullable
        PluginSpec plugin,

        @JsonPropertyDescription("How NICs are selected for a pod.") @Nullable
        AttachmentPolicy attachPolicy,

        @JsonPropertyDescription("Namespaces that get a NetworkAttachmentDefinition. Empty: all.")
        List<String> namespaces) {

    public MultiNicNetworkSpec {
        masterNets = masterNets == null ? List.of() : List.copyOf(masterNets);
        namespaces = namespaces == null ? List.of() : List.copyOf(namespaces);
    }
}
