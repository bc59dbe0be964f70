package io.multinic.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.lab.pod.CniAnswer;
import io.multinic.lab.pod.LabPod;
import io.multinic.lab.process.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Pings between running pods, five in a second on each path, from its start until it is ended.
final class PingWatch {
    private static final Duration AT_MOST = Duration.ofMinutes(10);
    private static final Pattern SUMMARY = Pattern.compile("(\\d+) packets transmitted, (\\d+) received");

    private record Path(String name, Command.Running ping) {}

    private final List<Path> paths = new ArrayList<>();

    /// Each pod pings the next one over every NIC.
    static PingWatch around(List<LabPod> ring) {
        var watch = new PingWatch();
        for (int i = 0; i < ring.size(); i++) {
            watch.start(ring.get(i), ring.get((i + 1) % ring.size()));
        }
        return watch;
    }

    private void start(LabPod from, LabPod to) {
        for (CniAnswer.Interface nic : from.interfaces()) {
            to.interfaces().stream()
                    .filter(other -> other.name().equals(nic.name()))
                    .map(other -> other.addresses().getFirst().address().toString())
                    .forEach(target -> paths.add(new Path(
                            from + " to " + to + " over " + nic.name(),
                            from.sandbox()
                                    .inside("ping", "-n", "-q", "-i", "0.2", "-I", nic.name(), target)
                                    .withTimeout(AT_MOST)
                                    .start())));
        }
    }

    /// Ends the pings: each echo was answered, but for one that may have been on its way.
    void requireNothingLost() {
        paths.forEach(path ->
                Command.of("kill", "-INT", Long.toString(path.ping.pid())).run().orThrow());
        for (Path path : paths) {
            String said = path.ping.await().out();
            var summary = SUMMARY.matcher(said);
            assertThat(summary.find())
                    .as("%s has a summary: %s", path.name, said)
                    .isTrue();
            int sent = Integer.parseInt(summary.group(1));
            int answered = Integer.parseInt(summary.group(2));
            assertThat(answered)
                    .as("%s, echoes sent: %d", path.name, sent)
                    .isPositive()
                    .isBetween(sent - 1, sent);
        }
    }
}
