package io.multinic.lab.kubernetes;

import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.logging.Level;
import java.util.logging.Logger;

/// The embedded Kubernetes API as a process: plain HTTP, everything in memory, no authentication. It listens inside
/// the lab's own network namespace only.
public final class ApiServer {
    public static final int PORT = 6443;

    // The logging configuration holds loggers weakly: this one must stay.
    private static final Logger REQUEST_LOG = Logger.getLogger(MockWebServer.class.getName());

    private ApiServer() {}

    /// Runs until the process is ended.
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
