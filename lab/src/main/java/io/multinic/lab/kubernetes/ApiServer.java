package io.multinic.lab.kubernetes;

import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.logging.Level;
import java.util.logging.Logger;

/// The embedded Kubernetes API as a process: plain HTTP, state in memory, no authentication. It is reachable only
/// inside
/// the lab's network namespace.
public final class ApiServer {
    public static final int PORT = 6443;

    // java.util.logging keeps only weak references to loggers; the field keeps the level from being lost.
    private static final Logger REQUEST_LOG = Logger.getLogger(MockWebServer.class.getName());

    private ApiServer() {}

    /// Starts the server; it runs until the process ends.
    public static void run(String address, int port) {
        REQUEST_LOG.setLevel(Level.WARNING);
        var server = new KubernetesMockServer(
                new Context(), new MockWebServer(), new HashMap<>(), new ClusterApi(), /* useHttps= */ false);
        try {
            server.init(InetAddress.getByName(address), port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(address + " is not an address", e);
        }
        System.out.println("the embedded Kubernetes API listens on http://" + address + ":" + port);
    }
}
