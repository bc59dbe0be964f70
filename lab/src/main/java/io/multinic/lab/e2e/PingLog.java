package io.multinic.lab.e2e;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What `ping -D` wrote: how many echoes were sent, which came back, and the longest time without one. Pure.
///
/// `silence` lies between two replies; packets at the end that got none count as `lost`, but for the one that may have
/// been on its way when ping was ended.
record PingLog(int sent, int lost, Duration silence) {
    private static final Pattern REPLY = Pattern.compile("^\\[(\\d+)\\.(\\d{6})] .*icmp_seq=(\\d+) .*time=");
    private static final Pattern SUMMARY = Pattern.compile("^(\\d+) packets transmitted");

    /// @throws IllegalArgumentException where ping did not get to its last lines
    static PingLog parse(String text) {
        List<Matcher> replies =
                text.lines().map(REPLY::matcher).filter(Matcher::find).toList();
        int sent = text.lines()
                .map(SUMMARY::matcher)
                .filter(Matcher::find)
                .mapToInt(line -> Integer.parseInt(line.group(1)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "ping has not ended: " + text.lines().toList()));
        var answered = new HashSet<Integer>();
        long longest = 0;
        long previous = -1;
        for (Matcher reply : replies) {
            answered.add(Integer.parseInt(reply.group(3)));
            long micros = Long.parseLong(reply.group(1)) * 1_000_000 + Long.parseLong(reply.group(2));
            longest = previous < 0 ? 0 : Math.max(longest, micros - previous);
            previous = micros;
        }
        int unanswered = sent - answered.size();
        boolean lastOnItsWay = unanswered > 0 && !answered.contains(sent);
        return new PingLog(sent, lastOnItsWay ? unanswered - 1 : unanswered, Duration.ofNanos(longest * 1000));
    }
}
