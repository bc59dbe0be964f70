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

/// Who this node is: the UID of its Node object, remembered on disk so that an agent starts without the API
/// server.
///
/// A machine replaced under the same name has another UID and is another node; what the API server says last
/// counts.
public final class NodeIdentity {
    private static final Logger log = LoggerFactory.getLogger(NodeIdentity.class);

    private final Path file;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition learned = lock.newCondition();
    private final List<Runnable> changeListeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> doubtListeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable String uid;

    /// @param file holds the UID between runs
    public NodeIdentity(Path file) {
        this.file = file;
        this.uid = remembered(file);
    }

    public Optional<String> uid() {
        return Optional.ofNullable(uid);
    }

    /// Waits until the UID is known.
    public String await() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                String known = uid;
                if (known != null) {
                    return known;
                }
                learned.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Called after the UID has become another one; must not block.
    public void onChange(Runnable listener) {
        changeListeners.add(listener);
    }

    /// Called when somebody who should know the node does not; must not block. Whoever can ask the API server
    /// asks.
    public void onDoubt(Runnable listener) {
        doubtListeners.add(listener);
    }

    /// ipam-service does not know this node: perhaps it is another one by now.
    public void doubt() {
        doubtListeners.forEach(Runnable::run);
    }

    /// What the API server says. On disk when it returns.
    public void learn(String told) {
        String before = uid;
        if (told.equals(before)) {
            return;
        }
        try {
            remember(told);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remember the node's UID in " + file, e);
        }
        lock.lock();
        try {
            uid = told;
            learned.signalAll();
        } finally {
            lock.unlock();
        }
        log.atInfo().addKeyValue("uid", told).addKeyValue("before", before).log("node UID known");
        changeListeners.forEach(Runnable::run);
    }

    private static @Nullable String remembered(Path file) {
        try {
            String text = Files.readString(file).strip();
            return text.isEmpty() ? null : text;
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the node's UID from " + file, e);
        }
    }

    private void remember(String told) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        try (var channel = FileChannel.open(
                draft, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            channel.write(ByteBuffer.wrap((told + "\n").getBytes(StandardCharsets.UTF_8)));
            channel.force(true);
        }
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
