package io.multinic.contract.crd;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Tests the CRDs that the build generates from the classes, and the parsing of the original's YAML.
class CrdTest {
    @ParameterizedTest
    @CsvSource({"multinicnetworks, mnn, true", "hostinterfaces, hif, true", "deviceclasses, , false"})
    void crdIsClusterScopedV1(String plural, String shortName, boolean hasStatus) throws IOException {
        var crd = crd(plural);
        assertThat(crd.getSpec().getScope()).isEqualTo("Cluster");
        assertThat(crd.getSpec().getGroup()).isEqualTo("multinic.fms.io");
        if (shortName != null) {
            assertThat(crd.getSpec().getNames().getShortNames()).containsExactly(shortName);
        }
        var version = crd.getSpec().getVersions().getFirst();
        assertThat(version.getName()).isEqualTo("v1");
        assertThat(version.getSubresources() != null).isEqualTo(hasStatus);
    }

    @Test
    void networkIsValidatedByEnumsPatternsAndCelRules() throws IOException {
        var spec = spec("multinicnetworks");
        assertThat(spec.getRequired()).containsExactlyInAnyOrder("ipam", "plugin");
        assertThat(spec.getProperties()).containsKeys("subnet", "masterNets", "multiNICIPAM", "attachPolicy");
        assertThat(spec.getXKubernetesValidations())
                .extracting(ValidationRule::getFieldPath)
                .containsExactlyInAnyOrder(".ipam", ".multiNICIPAM", ".ipam", ".masterNets");
        assertThat(spec.getProperties()
                        .get("attachPolicy")
                        .getProperties()
                        .get("strategy")
                        .getEnum())
                .extracting(Object::toString)
                .containsExactlyInAnyOrder("\"none\"", "\"costOpt\"", "\"perfOpt\"", "\"devClass\"", "\"topology\"");
    }

    @ParameterizedTest
    @CsvSource({
        "multinicnetworks, 'Subnet, Plugin, Ready, Hosts, NICs, Config, Routes, Message, Age'",
        "hostinterfaces, 'Revision, Reported, Age'",
        "deviceclasses, Age"
    })
    void printerColumnsHaveTheOrderOfTheClass(String plural, String columns) throws IOException {
        assertThat(crd(plural).getSpec().getVersions().getFirst().getAdditionalPrinterColumns())
                .extracting(CustomResourceColumnDefinition::getName)
                .containsExactly(columns.split(", ", -1));
    }

    /// API servers refuse a CRD that has a rule twice.
    @ParameterizedTest
    @ValueSource(strings = {"multinicnetworks", "hostinterfaces", "deviceclasses"})
    void noRuleIsRepeated(String plural) throws IOException {
        var schema = crd(plural).getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
        assertThat(schemas(schema))
                .allSatisfy(part -> assertThat(part.getXKubernetesValidations())
                        .extracting(ValidationRule::getRule)
                        .doesNotHaveDuplicates());
    }

    @Test
    void samplesOfTheOriginalAreParsedUnchanged() {
        var network = Serialization.unmarshal("""
                apiVersion: multinic.fms.io/v1
                kind: MultiNicNetwork
                metadata:
                  name: multinic-ipvlanl3
                spec:
                  subnet: "192.168.0.0/16"
                  ipam: |
                    {
                      "type": "multi-nic-ipam",
                      "hostBlock": 8,
                      "interfaceBlock": 2,
                      "vlanMode": "l3"
                    }
                  multiNICIPAM: true
                  plugin:
                    cniVersion: "0.3.0"
                    type: ipvlan
                    args:
                      mode: l3
                  attachPolicy:
                    strategy: costOpt
                    target: 10Gbps
                """, MultiNicNetwork.class);
        assertThat(network.getSpec().subnet()).isEqualTo("192.168.0.0/16");
        assertThat(network.getSpec().multiNicIpam()).isTrue();
        assertThat(network.getSpec().masterNets()).isEmpty();
        assertThat(network.getSpec().plugin())
                .isEqualTo(new PluginSpec("0.3.0", "ipvlan", Map.of(), null, Map.of("mode", "l3")));
        assertThat(network.getSpec().attachPolicy())
                .isEqualTo(new AttachmentPolicy(AttachmentPolicy.Strategy.COST_OPT, "10Gbps"));

        var host = Serialization.unmarshal("""
                apiVersion: multinic.fms.io/v1
                kind: HostInterface
                metadata:
                  name: node1
                spec:
                  hostName: node1
                  interfaces:
                  - interfaceName: eth1
                    netAddress: 10.0.1.0/24
                    hostIP: 10.0.1.1
                    vendor: "1d0f"
                    product: efa1
                    pciAddress: "0000:00:06.0"
                """, HostInterface.class);
        assertThat(host.getSpec().interfaces().getFirst().hostIp()).isEqualTo("10.0.1.1");
    }

    @Test
    void statusIsWrittenWithTheValuesOfTheOriginal() {
        var network = new MultiNicNetwork();
        network.setStatus(new MultiNicNetworkStatus(
                null,
                new MultiNicNetworkStatus.Discovery(3, 3, 2),
                MultiNicNetworkStatus.ConfigStatus.WAIT_FOR_CONFIG,
                MultiNicNetworkStatus.RouteStatus.NOT_APPLICABLE,
                null,
                null,
                null,
                1L,
                null));
        assertThat(Serialization.asYaml(network))
                .contains("configStatus: \"WaitForConfig\"")
                .contains("routeStatus: \"N/A\"")
                .contains("cidrProcessed: 2");
    }

    private static Stream<JSONSchemaProps> schemas(JSONSchemaProps schema) {
        return Stream.concat(
                Stream.of(schema), schema.getProperties().values().stream().flatMap(CrdTest::schemas));
    }

    private static JSONSchemaProps spec(String plural) throws IOException {
        return crd(plural)
                .getSpec()
                .getVersions()
                .getFirst()
                .getSchema()
                .getOpenAPIV3Schema()
                .getProperties()
                .get("spec");
    }

    private static CustomResourceDefinition crd(String plural) throws IOException {
        try (var in = CrdTest.class.getResourceAsStream("/META-INF/fabric8/" + plural + ".multinic.fms.io-v1.yml")) {
            return Serialization.unmarshal(in, CustomResourceDefinition.class);
        }
    }
}
