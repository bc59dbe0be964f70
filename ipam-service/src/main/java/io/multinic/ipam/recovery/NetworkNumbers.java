package io.multinic.ipam.recovery;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The numbers of networks once those are right that a node states.
///
/// Networks that were put again after a loss have numbers in the order in which they came. A number stays
/// where another node has spoken for it; of the others, each goes to the network that is stated to have it,
/// and what it displaces gets the lowest one that is left.
public final class NetworkNumbers {
    /// Numbers of networks are 0 to one less than this.
    public static final int LIMIT = 1 << 24;

    private NetworkNumbers() {}

    /// @param present of all networks, by name
    /// @param stated by one node
    /// @param fixed the networks whose numbers stay
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
