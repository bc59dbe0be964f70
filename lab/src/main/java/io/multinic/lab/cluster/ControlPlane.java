package io.multinic.lab.cluster;

import io.multinic.lab.layout.LabLayout;
import io.multinic.lab.process.LabException;
import io.multinic.lab.process.ServiceProcess;
import io.multinic.lab.run.LabFiles;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// The processes of the control plane and their command lines. They run in the lab's network namespace, at the control
/// plane's address on the management network.
final class ControlPlane {
    /// The network of the services' cluster addresses.
    private static final String SERVICES = "10.96.0.0/16";

    private static final String ISSUER = "https://kubernetes.default.svc.cluster.local";

    private final LabFiles files;
    private final LabLayout layout;
    private final Path pki;
    private final HttpClient http;

    final ServiceProcess etcd;
    final ServiceProcess apiServer;
    final ServiceProcess controllerManager;
    final ServiceProcess scheduler;

    /// @param pki the directory with the keys and certificates, which must exist
    ControlPlane(LabFiles files, LabLayout layout, Path pki) {
        this.files = files;
        this.layout = layout;
        this.pki = pki;
        http = trusting(pki.resolve("ca.crt"));
        etcd = etcd();
        apiServer = apiServer();
        controllerManager = controllerManager();
        scheduler = scheduler();
    }

    private ServiceProcess etcd() {
        return process(
                "etcd",
                "http://127.0.0.1:2379/health",
                "--name=lab",
                "--data-dir=" + files.directory("etcd"),
                "--unsafe-no-fsync", // the data need not survive a crash of the machine
                "--listen-client-urls=http://127.0.0.1:2379",
                "--advertise-client-urls=http://127.0.0.1:2379",
                "--listen-peer-urls=http://127.0.0.1:2380",
                "--initial-advertise-peer-urls=http://127.0.0.1:2380",
                "--initial-cluster=lab=http://127.0.0.1:2380");
    }

    private ServiceProcess apiServer() {
        return process(
                "kube-apiserver",
                "https://" + layout.controlAddress() + ":6443/readyz",
                "--etcd-servers=http://127.0.0.1:2379",
                "--advertise-address=" + layout.controlAddress(),
                "--service-cluster-ip-range=" + SERVICES,
                "--client-ca-file=" + pki("ca.crt"),
                "--tls-cert-file=" + pki("control-plane.crt"),
                "--tls-private-key-file=" + pki("control-plane.key"),
                "--service-account-issuer=" + ISSUER,
                "--service-account-key-file=" + pki("service-accounts.pub"),
                "--service-account-signing-key-file=" + pki("service-accounts.key"),
                "--authorization-mode=Node,RBAC",
                "--enable-admission-plugins=NodeRestriction",
                "--allow-privileged=true",
                // Calls webhooks at their pods' addresses, because the control plane has no kube-proxy.
                "--enable-aggregator-routing=true",
                "--kubelet-client-certificate=" + pki("kubelet-client.crt"),
                "--kubelet-client-key=" + pki("kubelet-client.key"),
                "--kubelet-certificate-authority=" + pki("ca.crt"),
                "--kubelet-preferred-address-types=InternalIP",
                "--requestheader-client-ca-file=" + pki("ca.crt"),
                "--requestheader-allowed-names=front-proxy",
                "--requestheader-username-headers=X-Remote-User",
                "--requestheader-group-headers=X-Remote-Group",
                "--requestheader-extra-headers-prefix=X-Remote-Extra-",
                "--proxy-client-cert-file=" + pki("front-proxy.crt"),
                "--proxy-client-key-file=" + pki("front-proxy.key"));
    }

    private ServiceProcess controllerManager() {
        return process(
                "kube-controller-manager",
                "https://127.0.0.1:10257/healthz",
                kubeconfig(
                        "kube-controller-manager",
                        "--root-ca-file=" + pki("ca.crt"),
                        "--service-account-private-key-file=" + pki("service-accounts.key"),
                        "--cluster-signing-cert-file=" + pki("ca.crt"),
                        "--cluster-signing-key-file=" + pki("ca.key"),
                        "--use-service-account-credentials=true",
                        "--allocate-node-cidrs=false",
                        "--flex-volume-plugin-dir=" + files.directory("volumeplugins")));
    }

    private ServiceProcess scheduler() {
        return process("kube-scheduler", "https://127.0.0.1:10259/healthz", kubeconfig("kube-scheduler"));
    }

    private String[] kubeconfig(String name, String... arguments) {
        String file = pki(name + ".kubeconfig");
        var all = new ArrayList<>(List.of(
                "--kubeconfig=" + file,
                "--authentication-kubeconfig=" + file,
                "--authorization-kubeconfig=" + file,
                "--leader-elect=false",
                "--bind-address=127.0.0.1",
                "--tls-cert-file=" + pki("control-plane.crt"),
                "--tls-private-key-file=" + pki("control-plane.key")));
        all.addAll(List.of(arguments));
        return all.toArray(String[]::new);
    }

    private ServiceProcess process(String name, String health, String... arguments) {
        var line = new ArrayList<>(
                List.of(files.run().resolve("parts").resolve(name).toString()));
        line.addAll(List.of(arguments));
        return new ServiceProcess(name, line, Map.of(), URI.create(health), files.log(name), http);
    }

    private String pki(String file) {
        return pki.resolve(file).toString();
    }

    private static HttpClient trusting(Path authority) {
        try (InputStream pem = Files.newInputStream(authority)) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null);
            trusted.setCertificateEntry(
                    "lab", CertificateFactory.getInstance("X.509").generateCertificate(pem));
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, trust.getTrustManagers(), null);
            return HttpClient.newBuilder()
                    .sslContext(tls)
                    .connectTimeout(Duration.ofSeconds(1))
                    .build();
        } catch (IOException | GeneralSecurityException e) {
            throw new LabException("cannot trust " + authority, e);
        }
    }
}
