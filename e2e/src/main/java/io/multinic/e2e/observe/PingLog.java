package io.multinic.e2e.observe;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The result of `ping -D`: number of echoes sent and lost, and the longest time between two replies. Pure.
///
/// Unanswered echoes at the end count as `lost`, except for the last one, whose reply may have been in flight when ping
/// was stopped.
record PingLog(int sent, int lost, Duration longestGap) {
    private static final Pattern REPLY = Pattern.compile("^\\[(\\d+)\\.(\\d{6})] .*icmp_seq=(\\d+) .*time=");
    private static final Pattern SUMMARY = Pattern.compile("^(\\d+) packets transmitted");

    /// @throws IllegalArgumentException if the summary of ping is missing
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
        boolean lastInFlight = unanswered > 0 && !answered.contains(sent);
        return new PingLog(sent, lastInFlight ? unanswered - 1 : unanswered, Duration.ofNanos(longest * 1000));
    }
}
