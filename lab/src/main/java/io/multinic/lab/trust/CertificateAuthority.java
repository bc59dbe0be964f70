package io.multinic.lab.trust;

import io.multinic.lab.process.Command;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Makes certificates by openssl: EC P-256, as long-lived as a lab may be.
record CertificateAuthority(Path certificate, Path key) {
    private static final String DAYS = "30";

    /// A new one; its certificate and key are written to the files.
    static CertificateAuthority create(Path certificate, Path key) {
        openssl(List.of("-x509", "-subj", "/CN=multi-nic lab"), certificate, key);
        return new CertificateAuthority(certificate, key);
    }

    /// @param names as in subjectAltName, such as `IP:10.0.0.100`
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
