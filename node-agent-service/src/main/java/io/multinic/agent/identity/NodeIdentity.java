package io.multinic.agent.identity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Identity of this node: the UID of its Node object, kept on disk so that an agent can start without the API server.
///
/// A machine that was replaced under the same name has another UID and is another node. The last UID that the API
/// server returned is the valid one.
public final class NodeIdentity {
    private static final Logger log = LoggerFactory.getLogger(NodeIdentity.class);

    private final Path file;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition known = lock.newCondition();
    private final List<Runnable> changeListeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> recheckListeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable String uid;

    /// @param file stores the UID between runs
    public NodeIdentity(Path file) {
        this.file = file;
        this.uid = read(file);
    }

    public Optional<String> uid() {
        return Optional.ofNullable(uid);
    }

    /// Waits until the UID is known.
    public String await() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                String present = uid;
                if (present != null) {
                    return present;
                }
                known.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Adds a listener that is called after the UID has changed. The listener must not block.
    public void onChange(Runnable listener) {
        changeListeners.add(listener);
    }

    /// Adds a listener that is called when the UID should be read from the API server again. The listener must not
    /// block.
    public void onRecheck(Runnable listener) {
        recheckListeners.add(listener);
    }

    /// Requests to read the UID again, because ipam-service does not know it: the node may have been replaced.
    public void recheck() {
        recheckListeners.forEach(Runnable::run);
    }

    /// Stores the UID that the API server returned. On disk when it returns.
    public void learn(String learned) {
        String before = uid;
        if (learned.equals(before)) {
            return;
        }
        try {
            write(learned);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the node's UID to " + file, e);
        }
        lock.lock();
        try {
            uid = learned;
            known.signalAll();
        } finally {
            lock.unlock();
        }
        log.atInfo().addKeyValue("uid", learned).addKeyValue("before", before).log("node UID known");
        changeListeners.forEach(Runnable::run);
    }

    private static @Nullable String read(Path file) {
        try {
            String text = Files.readString(file).strip();
            return text.isEmpty() ? null : text;
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the node's UID from " + file, e);
        }
    }

    private void write(String learned) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        try (var channel = FileChannel.open(
                draft, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            channel.write(ByteBuffer.wrap((learned + "\n").getBytes(StandardCharsets.UTF_8)));
            channel.force(true);
        }
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
