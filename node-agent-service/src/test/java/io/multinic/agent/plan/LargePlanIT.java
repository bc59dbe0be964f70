package io.multinic.agent.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The largest supported plan in a process with the agent's own heap settings. Needs root.
///
/// Three networks with 40,000 peers each are received, stored and programmed; then one node changes; then everything is
/// received again while the node has it.
@Timeout(180)
final class LargePlanIT {
    private static final int NETWORKS = 3;
    static final int NICS = 8;
    private static final int PEERS = 40_000;
    /// Number of gateways in each NIC's network. It has no influence on the agent's heap; the kernel takes longer for
    /// each route the more gateways a device has.
    private static final int GATEWAYS = 250;
    /// Size of the live objects of the other parts of the agent: decision 9.
    private static final int OTHER_MEBIBYTES = 16;
    private static final Duration LIMIT = Duration.ofSeconds(150);

    @TempDir
    private Path directory;

    private final AtomicInteger answered = new AtomicInteger();
    private volatile Path output;

    @Test
    void threeNetworksOfFortyThousandPeersFitInTheAgentsHeap() throws Exception {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        try {
            output = Files.createFile(directory.resolve("output"));
            Process agent = new ProcessBuilder(
                            command("http://localhost:" + server.getAddress().getPort()))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = agent.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
            agent.destroyForcibly();
            String text = Files.readString(output);
            applied().forEach(line -> System.out.println("routes of the largest plan: " + line));
            assertThat(ended).as(text).isTrue();
            assertThat(agent.waitFor()).as(text).isZero();
            assertThat(applied())
                    .as(text)
                    .hasSize(3)
                    .allMatch(line -> line.matches("applied \\d+ " + NETWORKS * PEERS + " .*"));
        } finally {
            server.stop(0);
        }
    }

    private List<String> command(String url) throws IOException {
        var command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(Files.readAllLines(Path.of("jvm.options")).stream()
                .filter(line -> line.matches("-X(ms|mn|mx|ss|X:.*(SerialGC|HeapFree|Tiered|CompileThreshold)).*"))
                .toList());
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                LargePlanMain.class.getName(),
                url,
                directory.resolve("node").toString(),
                "3",
                Integer.toString(OTHER_MEBIBYTES)));
        return command;
    }

    private void answer(HttpExchange exchange) throws IOException {
        int number = answered.incrementAndGet();
        awaitApplied(number - 1);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        try (var out =
                new BufferedWriter(new OutputStreamWriter(exchange.getResponseBody(), StandardCharsets.US_ASCII))) {
            switch (number) {
                case 1 -> writePlan(out, 1, "a", 0);
                case 2 -> writeChange(out);
                case 3 -> writePlan(out, 3, "b", 1);
                default -> sleep(LIMIT);
            }
        }
    }

    private List<String> applied() throws IOException {
        return Files.readAllLines(output).stream()
                .filter(line -> line.startsWith("applied "))
                .toList();
    }

    /// Waits until the agent has reported as many plans.
    private void awaitApplied(int plans) throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (applied().size() < plans && System.nanoTime() < end) {
            sleep(Duration.ofMillis(20));
        }
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void writePlan(Writer out, int revision, String history, int shift) throws IOException {
        out.write("{\"history\":\"" + history + "\",\"plan\":{\"node\":\"node1\",\"nodeUid\":\"uid-1\",\"revision\":"
                + revision + ",\"networks\":[");
        for (int network = 0; network < NETWORKS; network++) {
            int first = 11 + network;
            out.write(network == 0 ? "" : ",");
            out.write("{\"network\":{\"name\":\"net" + network + "\",\"subnets\":[\"" + first
                    + ".0.0.0/8\"],\"masterNets\":[],\"interfaceBlock\":0,\"hostBlock\":17,\"excludes\":[],"
                    + "\"hostRoutes\":true},\"number\":" + network + ",\"blocks\":[");
            for (int nic = 0; nic < NICS; nic++) {
                out.write((nic == 0 ? "" : ",") + "{\"nic\":\"eth" + nic + "\",\"masterNet\":\"172." + (16 + nic)
                        + ".0.0/16\",\"interfaceIndex\":" + nic + ",\"hostIndex\":0,\"interfaceBlock\":\"" + first
                        + ".0.0.0/8\",\"podBlock\":\"" + first + ".255." + nic + ".128/25\",\"excluded\":[]}");
            }
            out.write("],\"peers\":[");
            for (int peer = 0; peer < PEERS; peer++) {
                out.write(peer == 0 ? "" : ",");
                out.write("{\"node\":\"node-" + peer / 8 + ".cluster.example\",\"interfaceIndex\":" + peer % NICS
                        + ",\"podBlock\":\""
                        + block(first, peer) + "\",\"via\":\"" + via(peer + shift * NICS) + "\"}");
            }
            out.write("]}");
        }
        out.write("]}}");
    }

    private static void writeChange(Writer out) throws IOException {
        out.write(
                "{\"history\":\"a\",\"change\":{\"base\":1,\"revision\":2,\"networks\":[],\"removed\":[],\"peers\":[");
        for (int network = 0; network < NETWORKS; network++) {
            out.write((network == 0 ? "" : ",") + "{\"network\":\"net" + network
                    + "\",\"interfaceIndex\":5,\"node\":\"node-7\",\"podBlock\":\"" + block(11 + network, 77)
                    + "\",\"via\":\"172.21.200.200\"}");
        }
        out.write("]}}");
    }

    private static String block(int first, int peer) {
        int address = peer << 7;
        return first + "." + (address >> 16 & 255) + "." + (address >> 8 & 255) + "." + (address & 255) + "/25";
    }

    private static String via(int peer) {
        int node = peer / NICS % GATEWAYS;
        return "172." + (16 + peer % NICS) + "." + (node >> 8 & 255) + "." + (node & 255);
    }
}
