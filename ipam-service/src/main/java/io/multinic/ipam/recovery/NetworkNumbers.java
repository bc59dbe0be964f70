package io.multinic.ipam.recovery;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Numbers of networks after a node has reported the numbers in its plan.
///
/// Networks that were defined again after a loss have numbers in the order of their definition. A number stays if
/// another node has reported it. Of the others, each network gets the number that is reported for it, and a network
/// that loses its number gets the lowest free one.
public final class NetworkNumbers {
    /// Exclusive upper bound of network numbers.
    public static final int LIMIT = 1 << 24;

    private NetworkNumbers() {}

    /// @param present numbers of all networks, by name
    /// @param stated numbers that one node reports, by name
    /// @param fixed networks whose numbers stay
    /// @return the numbers that change
    public static Map<String, Integer> changes(
            Map<String, Integer> present, Map<String, Integer> stated, Collection<String> fixed) {
        Map<String, Integer> next = new HashMap<>();
        Set<Integer> taken = new HashSet<>();
        fixed.forEach(name -> take(name, present.get(name), next, taken));
        stated.forEach((name, number) -> {
            if (present.containsKey(name)) {
                take(name, number, next, taken);
            }
        });
        present.forEach((name, number) -> take(name, number, next, taken));
        int lowest = 0;
        for (String name : present.keySet()) {
            while (!next.containsKey(name)) {
                take(name, lowest++, next, taken);
            }
        }
        next.entrySet().removeIf(entry -> entry.getValue().equals(present.get(entry.getKey())));
        return next;
    }

    private static void take(String name, @Nullable Integer number, Map<String, Integer> next, Set<Integer> taken) {
        if (number != null && !next.containsKey(name) && taken.add(number)) {
            next.put(name, number);
        }
    }
}
