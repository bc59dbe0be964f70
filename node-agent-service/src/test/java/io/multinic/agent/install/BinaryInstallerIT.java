package io.multinic.agent.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Installs scripts in place of the binary; their exit status decides the trial.
@Timeout(60)
class BinaryInstallerIT {
    @TempDir
    private Path directory;

    private Path source;
    private Path bin;
    private Path target;
    private Runnable requireReady = () -> {};

    @BeforeEach
    void makeDirectories() throws IOException {
        source = directory.resolve("source");
        bin = Files.createDirectory(directory.resolve("bin"));
        target = bin.resolve("multi-nic");
        binary("first", "exit 0");
    }

    private void binary(String version, String text) throws IOException {
        Files.writeString(source, "#!/bin/sh\n# " + version + "\n" + text + "\n");
    }

    private BinaryInstaller installer() {
        var trial = new BinaryTrial(directory.resolve("cni.sock"), Duration.ofSeconds(2));
        return new BinaryInstaller(source, bin, () -> requireReady.run(), trial);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(bin)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static Object inode(Path file) throws IOException {
        return Files.getAttribute(file, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    }

    @Test
    void installedBinaryIsExecutableByAll() throws IOException {
        var installer = installer();
        assertThat(installer.obstacle()).isPresent();
        assertThat(installer.reconcile()).isTrue();
        assertThat(target).hasSameBinaryContentAs(source);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
                .isEqualTo("rwxr-xr-x");
        assertThat(files()).containsExactly("multi-nic");
        assertThat(installer.obstacle()).isEmpty();
    }

    @Test
    void trialRunsStatusOverTheSocketInTheTargetDirectory() throws IOException {
        binary("telling", "cat > " + directory + "/config; { echo $0; env; } > " + directory + "/told");
        installer().reconcile();
        assertThat(Files.readString(directory.resolve("told")))
                .startsWith(bin.resolve(".multi-nic.new").toString())
                .contains("CNI_COMMAND=STATUS", "MULTI_NIC_SOCKET=" + directory.resolve("cni.sock"));
        assertThat(Files.readString(directory.resolve("config"))).contains("\"cniVersion\":\"1.1.0\"");
    }

    @Test
    void unchangedBinaryIsNotReplacedAndAMissingOneIsRestored() throws IOException {
        installer().reconcile();
        Object before = inode(target);
        installer().reconcile();
        assertThat(inode(target)).isEqualTo(before);

        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-------"));
        installer().reconcile();
        assertThat(target).isExecutable();
        Files.delete(target);
        installer().reconcile();
        assertThat(target).isExecutable();
    }

    @Test
    void nothingIsInstalledBeforeTheAgentIsReady() throws IOException {
        requireReady = () -> {
            throw new MultiNicException(ErrorCode.TRY_AGAIN_LATER, "no plan yet");
        };
        var installer = installer();
        assertThat(installer.reconcile()).isFalse();
        assertThat(installer.obstacle()).contains("no plan yet");
        assertThat(files()).isEmpty();
    }

    @Test
    void oldBinaryStaysUntilTheTrialOfTheNewOneSucceeds() throws IOException {
        installer().reconcile();
        byte[] old = Files.readAllBytes(target);

        binary("broken", "echo 'no such protocol'; exit 1");
        var installer = installer();
        assertThatThrownBy(installer::reconcile)
                .isInstanceOf(MultiNicException.class)
                .hasMessageContainingAll(target.toString(), "exit status 1", "no such protocol");
        assertThat(target).hasBinaryContent(old);
        assertThat(files()).containsExactly("multi-nic");
        assertThat(installer.obstacle().orElseThrow()).contains("no such protocol");

        binary("mended", "exit 0");
        assertThat(installer.reconcile()).isTrue();
        assertThat(target).hasSameBinaryContentAs(source);
        assertThat(installer.obstacle()).isEmpty();
    }

    @Test
    void binaryThatHangsOrCannotRunHereIsRefused() throws IOException {
        binary("hanging", "sleep 600");
        assertThatThrownBy(() -> installer().reconcile()).hasMessageContaining("does not end");
        Files.write(source, new byte[] {0x7f, 'E', 'L', 'F', 9, 9});
        assertThatThrownBy(() -> installer().reconcile())
                .hasMessageContainingAll("cannot be installed", "its trial run failed");
        assertThat(files()).isEmpty();
    }

    @Test
    void missingDirectoryAndMissingSourceAreNamed() throws IOException {
        Files.delete(bin);
        assertThatThrownBy(() -> installer().reconcile()).hasMessageContainingAll("NoSuchFile", bin.toString());
        Files.createDirectory(bin);
        Files.delete(source);
        assertThatThrownBy(() -> installer().reconcile()).hasMessageContainingAll("NoSuchFile", source.toString());
    }

    @Test
    void draftOfACrashedAgentIsOverwritten() throws IOException {
        Files.writeString(bin.resolve(".multi-nic.new"), "half");
        installer().reconcile();
        assertThat(files()).containsExactly("multi-nic");
    }

    @Test
    void ownBinaryIsRemovedAndThatOfAnotherVersionIsNot() throws IOException {
        installer().reconcile();
        installer().remove();
        assertThat(files()).isEmpty();
        installer().remove();

        installer().reconcile();
        binary("another agent's", "exit 0");
        installer().remove();
        assertThat(files()).containsExactly("multi-nic");
    }
}
