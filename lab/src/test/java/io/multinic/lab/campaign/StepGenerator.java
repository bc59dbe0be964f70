package io.multinic.lab.campaign;

import io.multinic.lab.campaign.CampaignStep.Kind;
import io.multinic.lab.campaign.CampaignStep.Part;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;

/// Generates the steps of a campaign from its seed. Pure.
///
/// Kinds are drawn like cards from a shuffled deck, so a deck's length of steps has every kind. The steps do not depend
/// on the lab: the same seed gives the same steps. A part of the lab has one fault at a time; a fault lasts a few
/// steps.
final class StepGenerator {
    private static final int SHORTEST_FAULT = 2;
    private static final int LONGEST_FAULT = 9;

    private final Random random;
    private final Set<Kind> kinds;
    private final List<String> nodes;
    private final List<String> networks;
    private final Deque<Kind> deck = new ArrayDeque<>();
    private final List<Fault> faults = new ArrayList<>();
    private int number;

    /// A fault that lasts until step `until`.
    private record Fault(CampaignStep step, int until) {
        boolean concerns(Part part, String node) {
            return step.kind().part() == part && step.node().equals(node);
        }
    }

    StepGenerator(long seed, Set<Kind> kinds, List<String> nodes, List<String> networks) {
        random = new Random(seed);
        this.kinds = Set.copyOf(kinds);
        this.nodes = List.copyOf(nodes);
        this.networks = List.copyOf(networks);
    }

    /// The number of steps after which every kind has been drawn.
    static int deckSize(Set<Kind> kinds) {
        return kinds.stream().mapToInt(Kind::cards).sum();
    }

    CampaignStep next() {
        number++;
        for (Fault fault : faults) {
            if (fault.until <= number) {
                return end(fault);
            }
        }
        var refused = new ArrayList<Kind>();
        CampaignStep step = draw();
        while (!permitted(step)) {
            refused.add(step.kind());
            step = draw();
        }
        refused.reversed().forEach(deck::addFirst); // for the next steps
        if (step.kind().lasts()) {
            faults.add(new Fault(step, number + random.nextInt(SHORTEST_FAULT, LONGEST_FAULT)));
        }
        return step;
    }

    /// False for a step whose part of the lab has a fault already.
    private boolean permitted(CampaignStep step) {
        Part part = needsHealthyNode(step.kind()) ? Part.NODE : step.kind().part();
        return part == Part.NONE || faults.stream().noneMatch(fault -> fault.concerns(part, step.node()));
    }

    /// The step that ends a fault that still lasts; the campaign ends with these.
    List<CampaignStep> ends() {
        var ends = new ArrayList<CampaignStep>();
        while (!faults.isEmpty()) {
            number++;
            ends.add(end(faults.getFirst()));
        }
        return ends;
    }

    private CampaignStep end(Fault fault) {
        faults.remove(fault);
        CampaignStep begin = fault.step;
        return new CampaignStep(number, begin.kind().end(), begin.node(), begin.network(), begin.pick());
    }

    private CampaignStep draw() {
        if (deck.isEmpty()) {
            deck.addAll(shuffled());
        }
        Kind kind = deck.removeFirst();
        boolean global = kind.part() == Part.IPAM || kind.part() == Part.PLUGIN;
        String node = nodes.get(random.nextInt(nodes.size()));
        String network = networks.get(random.nextInt(networks.size()));
        return new CampaignStep(
                number, kind, global ? "" : node, usesNetwork(kind) ? network : "", random.nextInt(1 << 20));
    }

    private List<Kind> shuffled() {
        var cards = new ArrayList<Kind>();
        kinds.stream()
                .sorted(Comparator.naturalOrder())
                .forEach(kind -> cards.addAll(Collections.nCopies(kind.cards(), kind)));
        Collections.shuffle(cards, random);
        return cards;
    }

    private static boolean usesNetwork(Kind kind) {
        return kind == Kind.ADD || kind == Kind.GC || kind == Kind.KILL_DURING_ADD;
    }

    /// True for the kinds that change a node at once and must not meet a fault of the same node that lasts.
    private static boolean needsHealthyNode(Kind kind) {
        return switch (kind) {
            case KILL_DURING_ADD, CRASH_NODE, REMOVE_HOST_ROUTES, REMOVE_POD_ROUTES, CHANGE_SYSCTLS, RECREATE_NIC ->
                true;
            default -> false;
        };
    }
}
