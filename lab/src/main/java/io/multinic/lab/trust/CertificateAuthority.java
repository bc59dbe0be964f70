package io.multinic.lab.trust;

import io.multinic.lab.process.Command;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A certificate authority that issues EC P-256 certificates with openssl.
record CertificateAuthority(Path certificate, Path key) {
    private static final String DAYS = "30";

    /// Creates an authority and writes its certificate and key to the files.
    static CertificateAuthority create(Path certificate, Path key) {
        openssl(List.of("-x509", "-subj", "/CN=multi-nic lab"), certificate, key);
        return new CertificateAuthority(certificate, key);
    }

    /// Issues a server certificate.
    ///
    /// @param names entries of subjectAltName, such as `IP:10.0.0.100`
    void issue(List<String> names, Path target, Path targetKey) {
        openssl(
                List.of(
                        "-x509",
                        "-CA",
                        certificate.toString(),
                        "-CAkey",
                        key.toString(),
                        "-subj",
                        "/CN=ipam-service",
                        "-addext",
                        "subjectAltName=" + String.join(",", names),
                        "-addext",
                        "basicConstraints=critical,CA:FALSE"),
                target,
                targetKey);
    }

    private static void openssl(List<String> arguments, Path certificate, Path key) {
        var line = new ArrayList<>(List.of("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"));
        line.addAll(List.of("-nodes", "-days", DAYS, "-out", certificate.toString(), "-keyout", key.toString()));
        line.addAll(arguments);
        Command.of(line).run().orThrow();
    }
}
