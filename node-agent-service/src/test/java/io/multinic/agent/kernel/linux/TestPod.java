package io.multinic.agent.kernel.linux;

import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.LinkEnd;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.NewLink;
import io.multinic.contract.address.PrefixedAddress;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// A namespace used as a pod, with methods that send traffic.
final class TestPod implements AutoCloseable {
    final NetworkNamespace namespace;
    final NetworkStack stack;

    TestPod(Kernel kernel) {
        this(kernel, kernel.createNamespace());
    }

    TestPod(Kernel kernel, NetworkNamespace namespace) {
        this.namespace = namespace;
        this.stack = kernel.open(namespace);
    }

    LinkEnd end(String name) {
        return LinkEnd.of(name).in(namespace);
    }

    /// Adds an address to a link of the pod and returns the link.
    Link address(String name, String address) {
        Link link = stack.link(name).orElseThrow();
        stack.apply(new Change.AddAddress(InterfaceAddress.of(link.index(), PrefixedAddress.parse(address))));
        return link;
    }

    /// Sends one datagram to `to` at `address` and returns the time until its echo arrived.
    ///
    /// @throws java.net.SocketTimeoutException if no echo arrives within `patience`
    Duration echo(TestPod to, String address, Duration patience) throws Exception {
        try (var server = to.socket(new InetSocketAddress(InetAddress.getByName(address), 0))) {
            Thread.ofPlatform().daemon().start(() -> echoOnce(server));
            int port = server.getLocalPort();
            return namespace.call(() -> {
                try (var client = new DatagramSocket()) {
                    client.setSoTimeout((int) patience.toMillis());
                    byte[] data = "hello".getBytes(StandardCharsets.UTF_8);
                    long start = System.nanoTime();
                    client.send(new DatagramPacket(data, data.length, InetAddress.getByName(address), port));
                    client.receive(new DatagramPacket(new byte[16], 16));
                    return Duration.ofNanos(System.nanoTime() - start);
                }
            });
        }
    }

    private DatagramSocket socket(InetSocketAddress address) throws Exception {
        return namespace.call(() -> new DatagramSocket(address));
    }

    private static void echoOnce(DatagramSocket server) {
        try {
            var packet = new DatagramPacket(new byte[16], 16);
            server.receive(packet);
            server.send(packet);
        } catch (java.io.IOException e) {
            // The socket was closed after the client's timeout, which fails the test.
        }
    }

    /// Creates a veth pair in the pod, `nic0` and its peer, both up.
    Link nic() {
        stack.apply(new Change.AddLink(
                new NewLink.Veth(LinkEnd.of("nic0"), LinkEnd.of("wire0").down())));
        Link nic = stack.link("nic0").orElseThrow();
        stack.apply(new Change.SetLinkUp(nic.parentIndex(), true));
        return nic;
    }

    @Override
    public void close() {
        stack.close();
        namespace.close();
    }
}
