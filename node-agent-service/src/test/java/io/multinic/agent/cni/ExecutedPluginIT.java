package io.multinic.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.journal.AttachmentKey;
import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.RouteFilter;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Executed CNI plugins: a script that records its environment and configuration, and those of Debian's
/// containernetworking-plugins. Needs root.
@Timeout(120)
class ExecutedPluginIT {
    private static final Path PLUGINS = Path.of("/usr/lib/cni");

    @TempDir
    private Path directory;

    private Path bin;
    private TestNode node;
    private TestNode peer;
    private TestNamespace pod;

    @BeforeEach
    void makeNodes() throws IOException {
        node = new TestNode(directory, 0);
        peer = new TestNode(directory, 1);
        TestNode.cable(node, peer, 1);
        TestNode.cable(node, peer, 2);
        node.plan.set(SamplePlans.sample(0, 2));
        pod = TestNode.pod();
        bin = Files.createDirectory(directory.resolve("bin"));
    }

    @AfterEach
    void tearDown() {
        pod.close();
        List.of(node, peer).forEach(TestNode::close);
    }

    private void script(String name, String text) throws IOException {
        Path file = Files.writeString(bin.resolve(name), "#!/bin/sh\n" + text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /// Records environment and configuration of each call.
    private void scribe(String then) throws IOException {
        script("scribe", """
                f=%s/$CNI_COMMAND-$CNI_IFNAME
                cat > $f.json
                env > $f.env
                [ $CNI_COMMAND = DEL ] && exit 0
                %s
                """.formatted(directory, then));
    }

    /// Runs Debian's plugin in the namespace of the node; it finds the plugins static and host-local there too.
    private void debian(String name) throws IOException {
        assertThat(PLUGINS.resolve(name))
                .as("install containernetworking-plugins")
                .isExecutable();
        script(name, "exec nsenter --net=" + node.host.netns() + " " + PLUGINS.resolve(name) + "\n");
    }

    private CniCall call(String command, String plugin) {
        return CniCall.of(command, "a", pod.netns(), plugin).header("Cni-Path", bin + ":" + PLUGINS);
    }

    private JsonNode written(String name) {
        return CniCall.JSON.readTree(directory.resolve(name + ".json"));
    }

    private List<String> environment(String name) throws IOException {
        return Files.readAllLines(directory.resolve(name + ".env"));
    }

    @Test
    void pluginGetsNicAddressAndInterfaceName() throws IOException {
        scribe("echo '{\"cniVersion\":\"0.3.0\"}'");
        var call = call("ADD", "scribe");
        call.config.withObject("/plugin").put("vlan", 7);
        var answer = call.on(node);
        assertThat(answer.code()).as(answer.text()).isZero();
        assertThat(answer.address(1)).isEqualTo("192.168.64.1/18");
        assertThat(written("ADD-net1-1")).isEqualTo(CniCall.JSON.readTree("""
                        {"cniVersion":"0.3.0","type":"scribe","vlan":7,"name":"multi-nic-sample","master":"eth2",
                         "ipam":{"type":"static","addresses":[{"address":"192.168.64.1/18"}]}}"""));
        assertThat(environment("ADD-net1-0"))
                .contains(
                        "CNI_COMMAND=ADD",
                        "CNI_CONTAINERID=a",
                        "CNI_NETNS=" + pod.netns(),
                        "CNI_IFNAME=net1-0",
                        "CNI_PATH=" + bin + ":" + PLUGINS)
                .anyMatch(line -> line.startsWith("CNI_ARGS=IgnoreUnknown=true;K8S_POD_NAMESPACE=default"))
                .noneMatch(line -> line.startsWith("JAVA_HOME") || line.startsWith("HOME"));
    }

    /// In the agent's pod, directories in CNI_PATH are paths of the node, which are mounted elsewhere.
    @Test
    void pluginIsFoundInTheAgentsOwnPluginPath() throws IOException {
        scribe("echo '{\"cniVersion\":\"0.3.0\"}'");
        var call = call("ADD", "scribe").header("Cni-Path", "/node/only");
        assertThat(call.on(node).message()).contains("scribe", "/node/only");
        node.pluginPath = List.of(bin.toString());
        node.restart();
        var answer = call.on(node);
        assertThat(answer.code()).as(answer.text()).isZero();
        assertThat(environment("ADD-net1-0")).contains("CNI_PATH=/node/only:" + bin);
    }

    @Test
    void deletionRunsThePluginWithTheRecordedConfiguration() throws IOException {
        scribe("echo '{\"cniVersion\":\"0.3.0\",\"interfaces\":[{\"name\":\"x\"}]}'");
        call("ADD", "scribe").on(node);
        node.restart();
        node.plan.set(SamplePlans.sample(1, 2));
        assertThat(CniCall.del("a", "").raw("not JSON").on(node).code()).isZero();
        assertThat(written("DEL-net1-0").at("/master").asString()).isEqualTo("eth1");
        assertThat(written("DEL-net1-0").at("/ipam/addresses/0/address").asString())
                .isEqualTo("192.168.0.1/18");
        assertThat(written("DEL-net1-0").at("/prevResult/interfaces/0/name").asString())
                .isEqualTo("x");
        assertThat(environment("DEL-net1-1")).contains("CNI_NETNS=" + pod.netns());
        assertThat(node.journal.outbox().live()).isEmpty();
    }

    @Test
    void errorOfThePluginIsReportedAndAddIsUndone() throws IOException {
        scribe("""
                [ $CNI_IFNAME = net1-0 ] && echo '{}' && exit 0
                echo '{"cniVersion":"0.3.0","code":42,"msg":"no such luck","details":"at all"}'
                exit 1""");
        var answer = call("ADD", "scribe").on(node);
        assertThat(answer.code()).isEqualTo(ErrorCode.PLUGIN_FAILED.cniCode());
        assertThat(answer.message()).contains("scribe", "net1-1", "42", "no such luck", "at all");
        assertThat(directory.resolve("DEL-net1-0.json")).exists();
        assertThat(directory.resolve("DEL-net1-1.json")).exists();
        assertThat(node.journal.outbox().live()).isEmpty();
        assertThat(node.journal.allocations().attachments()).isEmpty();
    }

    @Test
    void pluginThatPrintsNoJsonOrHangsIsReported() throws IOException {
        scribe("echo this is not JSON; echo reason >&2; exit 3");
        assertThat(call("ADD", "scribe").on(node).message()).contains("exit status 3", "this is not JSON", "reason");
        scribe("sleep 600");
        assertThat(call("ADD", "scribe").on(node).message()).contains("did not end within 5 s");
        assertThat(node.journal.outbox().live()).isEmpty();
    }

    @Test
    void attachmentStaysRecordedWhenThePluginFailsToDelete() throws IOException {
        scribe("echo '{}'");
        call("ADD", "scribe").on(node);
        script("scribe", "echo '{\"code\":5,\"msg\":\"stuck\"}'; exit 1");
        assertThat(CniCall.del("a", pod.netns()).on(node).message()).contains("stuck");
        assertThat(node.journal.outbox().live()).hasSize(2);
        scribe("echo '{}'");
        node.restart();
        assertThat(node.journal.outbox().live()).isEmpty();
    }

    @Test
    void bridgePluginGetsTheAllocatedAddresses() throws IOException {
        debian("bridge");
        var call = call("ADD", "bridge");
        call.config.withObject("/plugin").put("bridge", "br-test");
        call.podArgs("{\"nics\":1}");
        var answer = call.on(node);
        assertThat(answer.code()).as(answer.text()).isZero();
        assertThat(answer.address(0)).isEqualTo("192.168.0.1/18");
        assertThat(pod.links()).containsExactly("net1-0");
        assertThat(pod.stack.addresses().toString()).contains("192.168.0.1/18");
        assertThat(node.host.links()).contains("br-test");
        assertThat(CniCall.of("CHECK", "a", pod.netns(), "bridge").on(node).code())
                .isZero();
        assertThat(CniCall.del("a", pod.netns()).on(node).code()).isZero();
        assertThat(pod.links()).isEmpty();
    }

    @Test
    void hostDevicePluginMovesTheNicIntoThePodAndBack() throws IOException {
        debian("host-device");
        var answer =
                call("ADD", "host-device").podArgs("{\"masters\":[\"eth2\"]}").on(node);
        assertThat(answer.code()).as(answer.text()).isZero();
        assertThat(pod.links()).containsExactly("net1-0");
        assertThat(node.host.links()).containsExactly("eth1");
        assertThat(answer.address(0)).isEqualTo("192.168.64.1/18");
        assertThat(CniCall.del("a", pod.netns()).on(node).code()).isZero();
        assertThat(node.host.links()).containsExactly("eth1", "eth2");
    }

    /// Executes a plugin after multi-nic in a list, in the namespace of the node.
    private void chained(String command, String ifName, String plugin, JsonNode previous) throws IOException {
        var config = (ObjectNode) CniCall.JSON.readTree(plugin);
        config.put("cniVersion", "1.0.0").put("name", "list").put("dataDir", directory.toString());
        config.set("prevResult", previous);
        Path input = Files.write(directory.resolve("chained.json"), CniCall.JSON.writeValueAsBytes(config));
        String failure = node.host.run(
                "env",
                "CNI_COMMAND=" + command,
                "CNI_CONTAINERID=a",
                "CNI_NETNS=" + pod.netns(),
                "CNI_IFNAME=" + ifName,
                "CNI_PATH=" + PLUGINS,
                "sh",
                "-c",
                PLUGINS + "/" + config.path("type").asString() + " < " + input);
        assertThat(failure).isEmpty();
    }

    @Test
    void laterPluginsOfAListFindASingleInterfaceByItsAlternativeName() throws IOException {
        var added =
                CniCall.add("a", pod, "ptp").podArgs("{\"nics\":1}").on(node).json();
        assertThat(pod.links()).containsExactly("net1-0");
        chained("ADD", "net1", "{\"type\":\"tuning\",\"mtu\":1300,\"mac\":\"02:00:00:00:00:42\"}", added);
        var link = pod.stack.link("net1-0").orElseThrow();
        assertThat(link.mtu()).isEqualTo(1300);
        assertThat(String.valueOf(link.address())).isEqualTo("02:00:00:00:00:42");
        chained("ADD", "net1", "{\"type\":\"bandwidth\",\"ingressRate\":1000000,\"ingressBurst\":1000000}", added);
        assertThat(CniCall.del("a", pod.netns()).on(node).code()).isZero();
        assertThat(pod.links()).isEmpty();
    }

    @Test
    void createdAgainInterfaceHasItsAlternativeName() {
        assertThat(CniCall.add("a", pod, "macvlan")
                        .podArgs("{\"nics\":1}")
                        .on(node)
                        .code())
                .isZero();
        pod.run("ip", "link", "del", "net1-0");
        node.attachments.repair(new AttachmentKey("a", "net1"));
        assertThat(pod.run("ip", "link", "show", "net1")).isEmpty();
    }

    @Test
    void alternativeNameIsOmittedWhereALinkHasItAndForSeveralInterfaces() {
        assertThat(pod.run("ip", "link", "add", "net1", "type", "bridge")).isEmpty();
        assertThat(CniCall.add("a", pod, "macvlan")
                        .podArgs("{\"nics\":1}")
                        .on(node)
                        .code())
                .isZero();
        assertThat(pod.links()).containsExactly("net1", "net1-0");
        try (var other = TestNode.pod()) {
            assertThat(CniCall.add("b", other, "macvlan").on(node).code()).isZero();
            assertThat(other.run("ip", "link", "show", "net1")).isNotEmpty();
        }
    }

    @Test
    void laterPluginsOfAListWorkOnAnInterfaceWithTheRequestedName() throws IOException {
        var added = CniCall.add("a", pod, "macvlan")
                .header("Cni-Ifname", "rail")
                .podArgs("{\"nics\":1}")
                .on(node)
                .json();
        chained("ADD", "rail", "{\"type\":\"tuning\",\"sysctl\":{\"net.ipv4.conf.IFNAME.arp_filter\":\"1\"}}", added);
        assertThat(pod.namespace.sysctl("net/ipv4/conf/rail/arp_filter")).isEqualTo("1");
        chained("ADD", "rail", "{\"type\":\"sbr\"}", added);
        assertThat(pod.stack.rules(IpFamily.IPV4).toString()).contains("192.168.0.1");
    }

    @Test
    void pluginWithItsOwnIpamAllocatesItsAddresses() throws IOException {
        debian("macvlan");
        var call = call("ADD", "macvlan");
        call.config.put("multiNICIPAM", false);
        call.config.set(
                "ipam",
                CniCall.JSON.readTree("{\"type\":\"host-local\",\"subnet\":\"172.20.0.0/24\",\"dataDir\":\""
                        + directory.resolve("host-local") + "\"}"));
        var answer = call.on(node);
        assertThat(answer.code()).as(answer.text()).isZero();
        assertThat(answer.json().path("ips").size()).isEqualTo(2);
        assertThat(answer.text()).contains("172.20.0.2/24", "172.20.0.3/24");
        assertThat(pod.links()).containsExactly("net1-0", "net1-1");
        assertThat(node.journal.outbox().live()).isEmpty();
        assertThat(call.on(node)).isEqualTo(answer);
        assertThat(CniCall.del("a", pod.netns()).on(node).code()).isZero();
        assertThat(pod.links()).isEmpty();
        assertThat(node.journal.allocations().attachments()).isEmpty();
    }

    @Test
    void refusalOfDelIsIgnoredWhenNicAndInterfaceAreGoneAndTheAddressesAreOurs() throws IOException {
        script("custom", "exec nsenter --net=" + node.host.netns() + " " + PLUGINS.resolve("macvlan") + "\n");
        var call = call("ADD", "custom").podArgs("{\"nics\":1}");
        assertThat(call.on(node).code()).isZero();
        var nic = node.host.stack.link("eth1").orElseThrow();
        node.host.stack.deleteLinks(List.of(nic.index()));
        assertThat(pod.links()).isEmpty();
        var del = CniCall.del("a", pod.netns()).on(node);
        assertThat(del.code()).as(del.text()).isZero();
        assertThat(node.journal.allocations().attachments()).isEmpty();
    }

    @Test
    void refusalOfDelIsReportedWhileTheInterfaceExists() throws IOException {
        script("custom", "exec nsenter --net=" + node.host.netns() + " " + PLUGINS.resolve("macvlan") + "\n");
        assertThat(call("ADD", "custom").podArgs("{\"nics\":1}").on(node).code())
                .isZero();
        int nic = node.host.stack.link("eth1").orElseThrow().index();
        node.host.stack.apply(new Change.SetLinkUp(nic, false), new Change.RenameLink(nic, "other"));
        assertThat(CniCall.del("a", pod.netns()).on(node).code()).isNotZero();
        assertThat(pod.links()).containsExactly("net1-0");
        node.host.stack.apply(new Change.RenameLink(nic, "eth1"));
        assertThat(CniCall.del("a", pod.netns()).on(node).code()).isZero();
    }

    @Test
    void multiConfigGivesEachNicTheAddressesOfItsOwnSection() throws IOException {
        debian("macvlan");
        var call = call("ADD", "macvlan");
        call.config.put("multiNICIPAM", false);
        call.config.set("ipam", CniCall.JSON.readTree("""
                {"type": "multi-config", "ipam_type": "static",
                 "args": {"eth2": {"addresses": [{"address": "172.21.2.9/24"}]},
                          "eth1": {"addresses": [{"address": "172.21.1.9/24"}]}},
                 "routes": [{"dst": "10.9.0.0/16", "gw": "172.21.2.1"}]}"""));
        var answer = call.on(node);
        assertThat(answer.code()).as(answer.text()).isZero();
        assertThat(answer.json().at("/ips/0/address").asString()).isEqualTo("172.21.1.9/24");
        assertThat(answer.json().at("/ips/1/address").asString()).isEqualTo("172.21.2.9/24");
        assertThat(answer.json().at("/routes/0/gw").asString()).isEqualTo("172.21.2.1");
        assertThat(CniCall.del("a", pod.netns()).on(node).code()).isZero();
        assertThat(pod.links()).isEmpty();
    }

    /// A plugin with an IPAM of its own, whose result has all that a result can have.
    private CniCall delegated(String command) {
        var call = call(command, "scribe").podArgs("{\"nics\":1}");
        call.config.put("cniVersion", "1.1.0").put("multiNICIPAM", false);
        call.config.withObject("/plugin").put("cniVersion", "1.1.0");
        call.config.set("ipam", CniCall.JSON.readTree("""
                {"type":"whereabouts","range":"172.20.0.0/24","routes":[{"dst":"0.0.0.0/0"}]}"""));
        return call;
    }

    @Test
    void resultOfAPluginWithItsOwnIpamIsKeptWhole() throws IOException {
        scribe("""
                nsenter --net=%s ip link add $CNI_IFNAME type bridge || exit 1
                cat <<END
                {"cniVersion":"1.1.0",
                 "interfaces":[{"name":"br0","mac":"02:00:00:00:00:09"},{"name":"$CNI_IFNAME","sandbox":"$CNI_NETNS","pciID":"0000:01:00.1"}],
                 "ips":[{"address":"172.20.0.9/24","gateway":"172.20.0.1","interface":1}],
                 "routes":[{"dst":"10.9.0.0/16","gw":"172.20.0.1","priority":7}],
                 "dns":{"nameservers":["172.20.0.53"]}}
                END""".formatted(pod.netns()));
        var answer = delegated("ADD").on(node);
        assertThat(answer.code()).as(answer.text()).isZero();
        assertThat(answer.json().at("/ips/0")).isEqualTo(CniCall.JSON.readTree("""
                {"interface":0,"address":"172.20.0.9/24","gateway":"172.20.0.1"}"""));
        assertThat(answer.json().at("/routes")).isEqualTo(CniCall.JSON.readTree("""
                [{"dst":"10.9.0.0/16","gw":"172.20.0.1","priority":7}]"""));
        assertThat(answer.json().at("/dns/nameservers/0").asString()).isEqualTo("172.20.0.53");
        assertThat(answer.json().at("/interfaces/0/name").asString()).isEqualTo("net1-0");
        assertThat(answer.json().at("/interfaces/0/pciID").asString()).isEqualTo("0000:01:00.1");
        assertThat(answer.json().at("/interfaces/1/name").asString()).isEqualTo("br0");
        assertThat(written("ADD-net1-0").at("/ipam/routes/0/dst").asString()).isEqualTo("0.0.0.0/0");
        assertThat(pod.stack.routes(RouteFilter.all(IpFamily.IPV4)))
                .as("routes of the network's ipam section are the plugin's")
                .noneMatch(route -> route.destination().prefixLength() == 0);
    }

    @Test
    void valuesOfTheRuntimeReachThePlugin() throws IOException {
        scribe("echo '{}'");
        var call = delegated("ADD")
                .podArgs("{\"nics\":1,\"class\":\"fast\"}")
                .header("Cni-Args", "IgnoreUnknown=true;IP=172.20.0.7/24;MAC=02:00:00:00:00:07");
        call.config.put("deviceID", "0000:01:00.2");
        call.config.set("runtimeConfig", CniCall.JSON.readTree("""
                {"ips":["172.20.0.7/24"],"mac":"02:00:00:00:00:07","bandwidth":{"ingressRate":1000}}"""));
        assertThat(call.on(node).code()).isZero();
        var config = written("ADD-net1-0");
        assertThat(config.path("deviceID").asString()).isEqualTo("0000:01:00.2");
        assertThat(config.path("runtimeConfig")).isEqualTo(call.config.path("runtimeConfig"));
        assertThat(config.at("/args/cni")).isEqualTo(CniCall.JSON.readTree("""
                {"nics":1,"class":"fast","ips":["172.20.0.7/24"]}"""));
        assertThat(environment("ADD-net1-0"))
                .anyMatch(line ->
                        line.startsWith("CNI_ARGS=") && line.endsWith("MAC=02:00:00:00:00:07;IP=172.20.0.7/24"));
    }

    @Test
    void requestedAddressesAreDividedAmongTheInterfacesOrRefused() throws IOException {
        scribe("echo '{}'");
        var call = delegated("ADD").podArgs("{\"ips\":[\"172.20.0.7\",\"172.20.0.8\"]}");
        assertThat(call.on(node).code()).isZero();
        assertThat(written("ADD-net1-1").at("/runtimeConfig/ips")).isEqualTo(CniCall.JSON.readTree("[\"172.20.0.8\"]"));
        var odd = delegated("ADD").podArgs("{\"ips\":[\"172.20.0.7\"]}").header("Cni-Containerid", "b");
        assertThat(odd.on(node).message()).contains("172.20.0.7", "net1-0, net1-1", "nics");
    }

    /// The `static` IPAM would prefer the addresses of CNI_ARGS to those in its configuration.
    @Test
    void pluginWithAddressesOfTheBlocksSeesNoRequestedOnes() throws IOException {
        scribe("echo '{}'");
        var call =
                call("ADD", "scribe").podArgs("{\"nics\":1}").header("Cni-Args", "IgnoreUnknown=true;IP=192.168.0.9");
        assertThat(call.on(node).code()).isZero();
        assertThat(written("ADD-net1-0").at("/ipam/addresses/0/address").asString())
                .isEqualTo("192.168.0.9/18");
        assertThat(environment("ADD-net1-0")).contains("CNI_ARGS=IgnoreUnknown=true");
    }

    @Test
    void checkStatusAndGcReachThePlugin() throws IOException {
        scribe("nsenter --net=" + pod.netns() + " ip link add $CNI_IFNAME type bridge || exit 1; echo '{\"ips\":[]}'");
        assertThat(delegated("ADD").on(node).code()).isZero();
        scribe("echo '{\"code\":102,\"msg\":\"not as it was\"}'; exit 1");
        assertThat(delegated("CHECK").on(node).message()).contains("not as it was");
        assertThat(written("CHECK-net1-0").path("prevResult").has("ips")).isTrue();
        var status = delegated("STATUS").on(node);
        assertThat(status.code()).isEqualTo(50);
        assertThat(status.message()).contains("not as it was");
        scribe("exit 0");
        var gc = delegated("GC");
        gc.config.set("cni.dev/valid-attachments", CniCall.JSON.readTree("""
                [{"containerID":"a","ifname":"net1"}]"""));
        assertThat(gc.on(node).code()).isZero();
        assertThat(written("GC-").path("cni.dev/valid-attachments")).isEqualTo(CniCall.JSON.readTree("""
                [{"containerID":"a","ifname":"net1-0"}]"""));
    }
}
