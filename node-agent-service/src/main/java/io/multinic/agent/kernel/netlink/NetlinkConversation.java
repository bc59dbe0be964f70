package io.multinic.agent.kernel.netlink;

import static io.multinic.agent.kernel.netlink.Rtnetlink.*;

import io.multinic.agent.kernel.Errno;
import io.multinic.agent.kernel.KernelException;
import io.multinic.contract.error.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A conversation over a netlink socket: numbers and packs requests, and collects their answers.
///
/// Answers to earlier, abandoned requests are ignored by their number. Not thread-safe.
public final class NetlinkConversation {
    /// Limit of a datagram that is sent, and of one of a dump with several objects.
    public static final int MAX_DATAGRAM = 32 * 1024;
    /// Limit of a datagram that is received: a single link can have 64 KiB of alternative names.
    public static final int MAX_RECEIVED = 96 * 1024;
    /// Limit of requests in a batch: the kernel drops answers that exceed the socket's buffer, and so many errors
    /// fit.
    static final int MAX_BATCH = 64;

    private static final int MAX_DUMPS = 20;
    private static final NetlinkError INTERRUPTED = new NetlinkError(Errno.EAGAIN.number(), "changes all the time");

    private final Datagrams datagrams;
    private final Unreadable unreadable;
    private int sequence;

    public NetlinkConversation(Datagrams datagrams, Unreadable unreadable) {
        this.datagrams = datagrams;
        this.unreadable = unreadable;
    }

    /// Decodes the body of a message; null excludes it. Throws any unchecked exception at a body it cannot decode.
    @FunctionalInterface
    public interface Reader<T> {
        @Nullable
        T read(ByteBuffer body);

        /// The value, or null if the body cannot be decoded.
        default @Nullable T readOrSkip(int messageType, ByteBuffer body, Unreadable unreadable) {
            try {
                return read(body);
            } catch (RuntimeException e) {
                unreadable.skipped(messageType, e);
                return null;
            }
        }
    }

    /// Sends all requests in order and returns the error of each; null for success.
    public List<@Nullable NetlinkError> execute(List<byte[]> requests) {
        var errors = new ArrayList<@Nullable NetlinkError>(requests.size());
        int from = 0;
        while (from < requests.size()) {
            int to = from;
            int bytes = 0;
            while (to < requests.size()
                    && to - from < MAX_BATCH
                    && (to == from || bytes + requests.get(to).length <= MAX_DATAGRAM)) {
                bytes += requests.get(to++).length;
            }
            errors.addAll(executeBatch(requests.subList(from, to), bytes));
            from = to;
        }
        return errors;
    }

    /// Requests an acknowledgement for the last request only: the kernel works in order and always reports an
    /// error.
    private List<@Nullable NetlinkError> executeBatch(List<byte[]> requests, int bytes) {
        int first = sequence + 1;
        ByteBuffer datagram = ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
        for (int i = 0; i < requests.size(); i++) {
            number(requests.get(i), i == requests.size() - 1 ? NLM_F_ACK : 0, datagram);
        }
        datagrams.send(datagram.array(), bytes);
        var errors = new ArrayList<@Nullable NetlinkError>(requests.size());
        requests.forEach(request -> errors.add(null));
        while (true) {
            var messages = new Messages(datagrams.receive());
            while (messages.next()) {
                int position = messages.sequence() - first;
                if (messages.type() != NLMSG_ERROR || position < 0 || position >= requests.size()) {
                    continue;
                }
                var error = NetlinkError.read(messages.body(), messages.flags());
                errors.set(position, error.errno() == 0 ? null : error);
                if (position == requests.size() - 1) {
                    return errors;
                }
            }
        }
    }

    /// Requests one object.
    ///
    /// @param absent the errno for a missing object
    public <T> Optional<T> get(byte[] request, int answerType, int absent, String operation, Reader<T> reader) {
        int number = send(request);
        while (true) {
            var messages = new Messages(datagrams.receive());
            while (messages.next()) {
                if (messages.sequence() != number) {
                    continue;
                }
                if (messages.type() == answerType) {
                    return Optional.ofNullable(reader.read(messages.body()));
                }
                if (messages.type() == NLMSG_ERROR) {
                    var error = NetlinkError.read(messages.body(), messages.flags());
                    if (error.errno() == absent) {
                        return Optional.empty();
                    }
                    throw refused(operation, error);
                }
            }
        }
    }

    /// Requests a whole table; repeats the request if the table changed while the kernel was listing it. Objects that
    /// cannot be read are omitted.
    ///
    /// @param absent true for an errno that says that there is no such table
    public <T> List<T> dump(byte[] request, int answerType, IntPredicate absent, String operation, Reader<T> reader) {
        return dump(request, answerType, absent, operation, reader, ArrayList::new);
    }

    /// Like the other `dump`.
    ///
    /// @param collections creates the collection of each attempt
    public <T, C extends Collection<T>> C dump(
            byte[] request,
            int answerType,
            IntPredicate absent,
            String operation,
            Reader<T> reader,
            Supplier<C> collections) {
        for (int attempt = 0; attempt < MAX_DUMPS; attempt++) {
            C found = collections.get();
            var error = dumpOnce(request, answerType, reader, found);
            if (error == null) {
                return found;
            }
            if (absent.test(error.errno())) {
                return collections.get();
            }
            if (!error.equals(INTERRUPTED)) {
                throw refused(operation, error);
            }
        }
        throw refused(operation, INTERRUPTED);
    }

    private <T> @Nullable NetlinkError dumpOnce(byte[] request, int answerType, Reader<T> reader, Collection<T> found) {
        int number = send(request);
        boolean interrupted = false;
        while (true) {
            var messages = new Messages(datagrams.receive());
            while (messages.next()) {
                if (messages.sequence() != number) {
                    continue;
                }
                interrupted |= (messages.flags() & NLM_F_DUMP_INTR) != 0;
                if (messages.type() == NLMSG_ERROR) {
                    return NetlinkError.read(messages.body(), messages.flags());
                }
                if (messages.type() == NLMSG_DONE) {
                    var error = NetlinkError.readDone(messages.body(), messages.flags());
                    return error.errno() != 0 ? error : interrupted ? INTERRUPTED : null;
                }
                if (messages.type() == answerType) {
                    T value = reader.readOrSkip(answerType, messages.body(), unreadable);
                    if (value != null) {
                        found.add(value);
                    }
                }
            }
        }
    }

    private int send(byte[] request) {
        ByteBuffer datagram = ByteBuffer.allocate(request.length).order(ByteOrder.nativeOrder());
        int number = number(request, 0, datagram);
        datagrams.send(datagram.array(), request.length);
        return number;
    }

    private int number(byte[] request, int moreFlags, ByteBuffer datagram) {
        int at = datagram.position();
        datagram.put(request);
        datagram.putShort(at + 6, (short) (datagram.getShort(at + 6) | moreFlags));
        datagram.putInt(at + 8, ++sequence);
        return sequence;
    }

    private static KernelException refused(String operation, NetlinkError error) {
        return new KernelException(ErrorCode.KERNEL_REFUSED, operation, error.errno(), error.text());
    }
}
