package io.multinic.agent.kernel.netlink;

import static io.multinic.agent.kernel.netlink.Rtnetlink.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.agent.kernel.Errno;
import io.multinic.agent.kernel.KernelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The conversation with a scripted kernel.
final class NetlinkConversationTest {
    private static final int NLM_F_MULTI = 2;
    private static final int ENODEV = Errno.ENODEV.number();

    private static final Unreadable FAIL = (type, reason) -> {
        throw reason;
    };

    private record Sent(int type, int flags, int sequence, int length) {}

    /// Answers each datagram with the messages that the script returns for its requests.
    private static final class Script implements Datagrams {
        private final Function<List<Sent>, List<byte[]>> answer;
        private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
        private final List<List<Sent>> seen = new ArrayList<>();

        Script(Function<List<Sent>, List<byte[]>> answer) {
            this.answer = answer;
        }

        @Override
        public void send(byte[] data, int length) {
            var sent = new ArrayList<Sent>();
            var buffer = ByteBuffer.wrap(data, 0, length).order(ByteOrder.nativeOrder());
            var messages = new Messages(buffer);
            while (messages.next()) {
                sent.add(new Sent(
                        messages.type(),
                        messages.flags(),
                        messages.sequence(),
                        messages.body().limit() + NLMSG_HEADER));
            }
            seen.add(sent);
            waiting.addAll(answer.apply(sent));
        }

        @Override
        public ByteBuffer receive() {
            return ByteBuffer.wrap(Objects.requireNonNull(waiting.poll(), "the kernel would wait for ever"))
                    .order(ByteOrder.nativeOrder());
        }

        @Override
        public void close() {}
    }

    private static byte[] message(int type, int flags, int sequence, byte[] body) {
        return ByteBuffer.allocate(NLMSG_HEADER + (body.length + 3 & ~3))
                .order(ByteOrder.nativeOrder())
                .putInt(NLMSG_HEADER + body.length)
                .putShort((short) type)
                .putShort((short) flags)
                .putInt(sequence)
                .putInt(0)
                .put(body)
                .array();
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(value)
                .array();
    }

    private static byte[] item(int sequence, int flags, int value) {
        return message(RTM_NEWLINK, NLM_F_MULTI | flags, sequence, number(value));
    }

    private static byte[] done(int sequence, int flags) {
        return message(NLMSG_DONE, NLM_F_MULTI | flags, sequence, number(0));
    }

    private static byte[] error(int sequence, int errno) {
        return message(NLMSG_ERROR, NLM_F_CAPPED, sequence, concat(number(-errno), new byte[NLMSG_HEADER]));
    }

    /// Appends an extended acknowledgement to `head`.
    private static byte[] said(byte[] head, String text) {
        byte[] message = (text + '\0').getBytes(StandardCharsets.UTF_8);
        var attribute = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder());
        attribute.putShort((short) (4 + message.length)).putShort((short) NLMSGERR_ATTR_MSG);
        return concat(head, attribute.array(), message);
    }

    private static byte[] concat(byte[]... parts) {
        var all = ByteBuffer.allocate(
                IntStream.range(0, parts.length).map(i -> parts[i].length).sum());
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }

    private static List<Integer> dump(Script script) {
        return new NetlinkConversation(script, FAIL)
                .dump(Queries.links(), RTM_NEWLINK, errno -> false, "list links", body -> body.getInt(0));
    }

    @Test
    void dumpIsCollectedFromSeveralDatagrams() {
        var script = new Script(sent -> {
            int number = sent.getFirst().sequence;
            return List.of(
                    concat(item(number, 0, 1), item(number, 0, 2)),
                    item(number, 0, 3),
                    concat(item(number, 0, 4), done(number, 0)));
        });
        assertThat(dump(script)).containsExactly(1, 2, 3, 4);
    }

    @Test
    void objectThatCannotBeReadIsSkippedAndReported() {
        var script = new Script(sent -> {
            int number = sent.getFirst().sequence;
            return List.of(concat(item(number, 0, 1), item(number, 0, 2), item(number, 0, 3), done(number, 0)));
        });
        var skipped = new ArrayList<String>();
        var found = new NetlinkConversation(script, (type, reason) -> skipped.add(type + " " + reason.getMessage()))
                .dump(Queries.links(), RTM_NEWLINK, errno -> false, "list links", body -> {
                    if (body.getInt(0) == 2) {
                        throw new IllegalArgumentException("odd");
                    }
                    return body.getInt(0);
                });
        assertThat(found).containsExactly(1, 3);
        assertThat(skipped).containsExactly(RTM_NEWLINK + " odd");
    }

    @Test
    void interruptedDumpIsRepeated() {
        var script = new Script(sent -> {
            int number = sent.getFirst().sequence;
            return number == 1
                    ? List.of(item(number, 0, 1), item(number, NLM_F_DUMP_INTR, 2), done(number, 0))
                    : List.of(item(number, 0, 7), done(number, 0));
        });
        assertThat(dump(script)).containsExactly(7);
    }

    @Test
    void dumpThatIsAlwaysInterruptedFails() {
        var script = new Script(sent -> List.of(done(sent.getFirst().sequence, NLM_F_DUMP_INTR)));
        assertThatThrownBy(() -> dump(script))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EAGAIN))
                .hasMessageContaining("list links");
        assertThat(script.seen).hasSize(20);
    }

    @Test
    void answersToEarlierRequestsAreIgnored() {
        var script = new Script(sent -> {
            int number = sent.getFirst().sequence;
            return List.of(
                    concat(item(number - 1, 0, 99), done(number - 1, 0)),
                    error(number - 1, ENODEV),
                    concat(item(number, 0, 1), done(number, 0)));
        });
        assertThat(dump(script)).containsExactly(1);
    }

    @Test
    void dumpThatEndsInAnErrorFailsWithTheKernelsMessage() {
        var script = new Script(sent -> List.of(message(
                NLMSG_DONE,
                NLM_F_MULTI | NLM_F_ACK_TLVS,
                sent.getFirst().sequence,
                said(number(-Errno.EINVAL.number()), "Invalid values in header"))));
        assertThatThrownBy(() -> dump(script)).hasMessage("cannot list links: EINVAL (Invalid values in header)");
    }

    @Test
    void errnoForAbsenceIsAnEmptyAnswer() {
        var script = new Script(sent -> List.of(error(sent.getFirst().sequence, ENODEV)));
        var conversation = new NetlinkConversation(script, FAIL);
        assertThat(conversation.dump(Queries.links(), RTM_NEWLINK, errno -> errno == ENODEV, "list", body -> 1))
                .isEmpty();
        assertThat(conversation.get(Queries.link(7), RTM_NEWLINK, ENODEV, "look up", body -> 1))
                .isEmpty();
        assertThatThrownBy(() -> conversation.get(Queries.link(7), RTM_NEWLINK, 0, "look up link 7", body -> 1))
                .hasMessage("cannot look up link 7: ENODEV");
    }

    @Test
    void oneAcknowledgementCoversABatchAndErrorsMatchTheirRequests() {
        var script = new Script(sent -> {
            var answers = new ArrayList<byte[]>();
            sent.stream().filter(m -> m.sequence % 10 == 0).forEach(m -> answers.add(error(m.sequence, ENODEV)));
            var last = sent.getLast();
            if (last.sequence % 10 != 0) {
                answers.add(error(last.sequence, 0));
            }
            return answers;
        });

        var requests = IntStream.rangeClosed(1, 150).mapToObj(Queries::link).toList();
        var errors = new NetlinkConversation(script, FAIL).execute(requests);

        assertThat(script.seen).extracting(List::size).containsExactly(64, 64, 22);
        assertThat(script.seen).allSatisfy(datagram -> {
            assertThat(datagram.getLast().flags & NLM_F_ACK).isNotZero();
            assertThat(datagram.subList(0, datagram.size() - 1)).allMatch(m -> (m.flags & NLM_F_ACK) == 0);
        });
        assertThat(IntStream.rangeClosed(1, 150).filter(i -> errors.get(i - 1) != null))
                .containsExactly(10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150);
    }

    @Test
    void datagramIsNotLargerThanItsBuffer() {
        var script = new Script(sent -> List.of(error(sent.getLast().sequence, 0)));
        byte[] large =
                new MessageWriter(RTM_NEWLINK, 0).attribute(1, new byte[9000]).finish();
        new NetlinkConversation(script, FAIL).execute(List.of(large, large, large, large));
        assertThat(script.seen)
                .hasSize(2)
                .allMatch(
                        datagram -> datagram.stream().mapToInt(Sent::length).sum() <= NetlinkConversation.MAX_DATAGRAM);
    }

    @Test
    void messageIsFoundBehindACappedAndACompleteRequest() {
        byte[] capped = said(concat(number(-22), number(4000), new byte[12]), "too long");
        byte[] whole = said(concat(number(-22), number(24), new byte[20]), "too short");
        assertThat(NetlinkError.read(buffer(capped), NLM_F_CAPPED | NLM_F_ACK_TLVS))
                .isEqualTo(new NetlinkError(22, "too long"));
        assertThat(NetlinkError.read(buffer(whole), NLM_F_ACK_TLVS)).isEqualTo(new NetlinkError(22, "too short"));
        assertThat(NetlinkError.read(buffer(whole), 0)).isEqualTo(new NetlinkError(22, ""));
    }

    private static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }
}
