package io.multinic.lab.services;

import io.multinic.lab.kubernetes.ApiServer;
import io.multinic.lab.layout.LabLayout;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.pod.CniRuntime;
import io.multinic.lab.process.ServiceProcess;
import io.multinic.lab.run.LabFiles;
import io.multinic.lab.trust.LabTrust;
import io.multinic.lab.trust.LabTrust.Account;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The services of a lab as processes: command line, settings and health address of each. All settings that differ from
/// the services' defaults are here.
public final class Services {
    private static final int IPAM_PORT = 8443;
    private static final int CONTROLLER_PORT = 8081;
    private static final int AGENT_PORT = 8082;

    /// True if the services run from their images, with the PostgreSQL that `lab/demo-from-images` started.
    private static final boolean IMAGES = System.getenv("LAB_IMAGES") != null;

    /// Time before a freed address is assigned again; short, so that tests need not wait long for it.
    public static final Duration ADDRESS_REST = Duration.ofSeconds(2);

    /// Long enough for the controller to restore nodes and networks whose commits were lost.
    private static final Duration QUARANTINE = Duration.ofSeconds(5);

    private final LabFiles files;
    private final LabLayout layout;
    private final AgentCommand agentCommand;
    private final LabTrust trust;

    Services(LabFiles files, LabLayout layout) {
        this(files, layout, AgentCommand.STANDARD);
    }

    Services(LabFiles files, LabLayout layout, AgentCommand agentCommand) {
        this.files = files;
        this.layout = layout;
        this.agentCommand = agentCommand;
        trust = files.trust();
    }

    URI apiServerUrl() {
        return control("http", ApiServer.PORT, "");
    }

    URI ipamUrl() {
        return control("https", IPAM_PORT, "");
    }

    ServiceProcess apiServer() {
        List<String> line = java("api-server", "lab");
        line.addAll(List.of("api-server", layout.controlAddress().toString(), Integer.toString(ApiServer.PORT)));
        return service("kubernetes-api", line, Map.of(), control("http", ApiServer.PORT, "/readyz"));
    }

    ServiceProcess ipam() {
        List<String> line = java("ipam-service", "ipam-service");
        line.addAll(List.of(
                "--server.address=" + layout.controlAddress(),
                "--server.port=" + IPAM_PORT,
                "--spring.ssl.bundle.pem.ipam.keystore.certificate=" + trust.certificate(),
                "--spring.ssl.bundle.pem.ipam.keystore.private-key=" + trust.certificateKey(),
                "--multi-nic.ipam.quarantine.at-least=" + QUARANTINE,
                "--multi-nic.ipam.quarantine.look=500ms",
                "--multi-nic.ipam.security.audience=" + LabTrust.AUDIENCE,
                "--multi-nic.ipam.security.issuer=" + LabTrust.ISSUER,
                "--multi-nic.ipam.security.keys=" + trust.keys(),
                "--multi-nic.ipam.security.roles.controller=" + Account.CONTROLLER.subject(),
                "--multi-nic.ipam.security.roles.agent=" + Account.AGENT.subject(),
                "--multi-nic.ipam.security.roles.reader=" + Account.READER.subject(),
                "--multi-nic.ipam.security.roles.admin=" + Account.ADMIN.subject()));
        line.addAll(IMAGES ? databaseOfImages() : embeddedDatabase());
        return service("ipam-service", line, Map.of(), control("https", IPAM_PORT, "/actuator/health/readiness"));
    }

    private List<String> embeddedDatabase() {
        return List.of(
                "--spring.profiles.active=embedded",
                "--multi-nic.ipam.embedded.data-directory=" + files.directory("postgres"),
                // Unpacked once for all labs, in a directory that PostgreSQL's user can read.
                "--multi-nic.ipam.embedded.binaries-directory=" + System.getProperty("java.io.tmpdir"));
    }

    private static List<String> databaseOfImages() {
        return List.of(
                "--spring.datasource.url=jdbc:postgresql://127.0.0.1/multi_nic",
                "--spring.datasource.username=multi_nic",
                "--spring.datasource.password=trial");
    }

    ServiceProcess controller() {
        List<String> line = java("controller-service", "controller-service");
        line.addAll(List.of(
                "--server.address=" + layout.controlAddress(),
                "--server.port=" + CONTROLLER_PORT,
                "--multi-nic.controller.look-for-quarantine=1s",
                "--multi-nic.controller.ipam-url=" + ipamUrl(),
                "--multi-nic.controller.ipam-ca=" + trust.ca(),
                "--multi-nic.controller.ipam-token-file=" + trust.token(Account.CONTROLLER)));
        var health = control("http", CONTROLLER_PORT, "/actuator/health/readiness");
        return service("controller-service", line, kubernetes(), health);
    }

    ServiceProcess agent(LabNode node) {
        Path state = files.directory(node.name(), "state");
        List<String> line = java("agent-" + node.name(), "node-agent-service");
        line.addAll(List.of(
                "--server.address=" + node.management().address().address(),
                "--server.port=" + AGENT_PORT,
                "--multi-nic.agent.node-name=" + node.name(),
                "--multi-nic.agent.ipam-url=" + ipamUrl(),
                "--multi-nic.agent.ipam-ca=" + trust.ca(),
                "--multi-nic.agent.ipam-token-file=" + trust.agentToken(node.name()),
                "--multi-nic.agent.state-directory=" + state,
                "--multi-nic.agent.address-rest=" + ADDRESS_REST,
                "--multi-nic.agent.socket=" + socket(node)));
        var health = URI.create(
                "http://" + node.management().address().address() + ":" + AGENT_PORT + "/actuator/health/readiness");
        return service("agent-" + node.name(), node.inside(agentCommand.of(node, line)), kubernetes(), health);
    }

    /// The runtime that calls the CNI binary on the node.
    CniRuntime runtime(LabNode node) {
        return new CniRuntime(files.binary(), socket(node));
    }

    /// The socket of the node's agent.
    private Path socket(LabNode node) {
        return files.directory(node.name()).resolve("run").resolve("cni.sock");
    }

    private Map<String, String> kubernetes() {
        return Map.of("KUBECONFIG", files.kubeconfig().toString());
    }

    /// The command that starts a module: its image if the lab runs images, otherwise its jar with the JVM flags of the
    /// image.
    private List<String> java(String name, String module) {
        if (IMAGES && !module.equals("lab")) {
            return new ArrayList<>(
                    List.of(files.checkout().resolve("lab/run-image").toString(), module));
        }
        var line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + files.checkout().resolve(module).resolve("jvm.options"),
                "-Djava.io.tmpdir=" + files.directory("tmp", name)));
        // Written by build/prepare-application: AOT cache, class path and main class.
        Path options = files.checkout().resolve(module).resolve("target/application/start.options");
        line.addAll(
                Files.exists(options)
                        ? List.of("@" + options)
                        : List.of("-jar", files.jar(module).toString()));
        return line;
    }

    private ServiceProcess service(String name, List<String> line, Map<String, String> environment, URI health) {
        var all = new HashMap<>(environment);
        all.put("MALLOC_ARENA_MAX", "1"); // glibc's default, one arena for each thread, wastes memory in a JVM
        var http = HttpClient.newBuilder()
                .connectTimeout(Duration.ofSeconds(1))
                .sslContext(trust.credentials(Account.READER).tls())
                .build();
        return new ServiceProcess(name, line, all, health, files.log(name), http);
    }

    private URI control(String scheme, int port, String path) {
        return URI.create(scheme + "://" + layout.controlAddress() + ":" + port + path);
    }
}
