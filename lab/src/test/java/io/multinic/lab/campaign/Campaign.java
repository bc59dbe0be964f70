package io.multinic.lab.campaign;

import io.multinic.contract.wire.AllocationInterval;
import io.multinic.lab.campaign.CampaignStep.Kind;
import io.multinic.lab.campaign.Comparison.NodeJournal;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.process.Deadline;
import io.multinic.lab.process.LabException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The steps of one seed: executes each of them, and compares kernel, journals and ledger with the pods afterwards.
///
/// Two things must hold at once after each step: no address is held twice, and the journals have what ADD and DEL
/// answered. The rest must hold soon: lost pods are collected, the ledger has what the journals have, no link and no
/// route is left over, and each live pod is reachable or reported.
final class Campaign {
    /// Limit for what must hold soon; long, because the machine may be busy.
    private static final Duration SOON = Duration.ofSeconds(90);

    private static final Duration POLL = Duration.ofMillis(50);
    private static final int STEPS_IN_MESSAGE = 400;
    private static final Set<String> OWN_LINKS = Set.of("lo", "eth0", "eth1", "eth2", "oldeth1", "oldeth2");

    private final CampaignLab lab;
    private final long seed;
    private final int count;
    private final StepGenerator generator;
    private final ActiveFaults faults = new ActiveFaults();
    private final PodCalls calls;
    private final NodeFaults nodeFaults;
    private final Reachability reachability;
    private final List<String> history = new ArrayList<>();
    private final Path log;

    Campaign(CampaignLab lab, long seed, int count, Set<Kind> kinds) {
        this.lab = lab;
        this.seed = seed;
        this.count = count;
        generator = new StepGenerator(
                seed, kinds, lab.nodes().stream().map(LabNode::name).toList(), CampaignLab.NETWORKS);
        calls = new PodCalls(lab, faults, seed);
        nodeFaults = new NodeFaults(lab, calls);
        reachability = new Reachability(lab, calls, faults);
        log = lab.files().log("campaign");
    }

    /// @throws AssertionError with the seed, the steps so far, and the problems
    void run() {
        record("seed " + seed + ", " + count + " steps");
        for (int i = 0; i < count; i++) {
            execute(generator.next());
        }
        generator.ends().forEach(this::execute);
        removeAll();
        record("seed " + seed + ": all " + history.size() + " steps passed");
    }

    private void execute(CampaignStep step) {
        long begin = System.nanoTime();
        try {
            call(step);
            faults.update(step);
            verify(networks(step));
        } catch (RuntimeException | AssertionError e) {
            throw failure(step, e);
        }
        String line = step + ", " + (System.nanoTime() - begin) / 1_000_000 + " ms, "
                + calls.live().size() + " pods";
        history.add(line);
        record(line);
        calls.takeRemarks().forEach(this::record);
    }

    private void call(CampaignStep step) {
        calls.beginStep();
        switch (step.kind()) {
            case ADD -> calls.add(step);
            case DELETE -> calls.delete(step);
            case CHECK -> calls.check(step);
            case GC -> calls.collectGarbage(step);
            case LOST_DELETE -> calls.loseDelete(step);
            case KILL_DURING_ADD -> calls.killDuringAdd(step);
            default -> nodeFaults.execute(step);
        }
    }

    /// The networks whose pods ping each other: after a call for one pod its own, after other steps all.
    private Collection<String> networks(CampaignStep step) {
        return switch (step.kind()) {
            case ADD, DELETE, CHECK, GC, LOST_DELETE -> calls.takeChanged();
            default -> CampaignLab.NETWORKS;
        };
    }

    private AssertionError failure(CampaignStep step, Throwable cause) {
        List<String> shown = history.subList(Math.max(0, history.size() - STEPS_IN_MESSAGE), history.size());
        String message = "campaign with seed " + seed + ": " + step + ": " + cause.getMessage()
                + "\nfaults: " + faults
                + "\ncalls that failed: " + String.join("\n", calls.takeRemarks())
                + "\nrepeat it by: make campaign SEEDS=" + seed + " STEPS=" + count
                + "\nthe steps before, all of them in " + log + ":\n" + String.join("\n", shown);
        record(message);
        return new AssertionError(message, cause);
    }

    private void record(String line) {
        try {
            Files.writeString(log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Deletes all pods, so that the next seed begins with an empty lab.
    private void removeAll() {
        try {
            calls.live().forEach(pod -> calls.end(pod, true));
            verify(List.of());
            if (!calls.pods().isEmpty()) {
                throw new LabException("left: " + calls.pods());
            }
        } catch (RuntimeException | AssertionError e) {
            throw failure(new CampaignStep(history.size() + 1, Kind.DELETE, "", "", 0), e);
        }
    }

    /// @throws LabException with the problems
    private void verify(Collection<String> networks) {
        long end = System.nanoTime() + SOON.toNanos();
        while (true) {
            List<String> soon = readProblems(networks);
            if (soon.isEmpty()) {
                return;
            }
            if (System.nanoTime() > end) {
                throw new LabException("not within " + SOON.toSeconds() + " s:\n" + String.join("\n", soon));
            }
            Deadline.pause(POLL);
        }
    }

    /// The problems; a failure to read is one, because it is repeated.
    private List<String> readProblems(Collection<String> networks) {
        try {
            return problems(networks);
        } catch (LabException e) {
            return List.of(e.getMessage());
        }
    }

    /// The problems of what must hold soon.
    ///
    /// @throws AssertionError with the problems of what must hold at once
    private List<String> problems(Collection<String> networks) {
        calls.repeatDeletes();
        KernelFacts kernel = kernel();
        List<NodeJournal> journals = journals();
        var now = new Comparison(calls.pods());
        now.addressesAreUnique(kernel);
        journals.forEach(now::journalHasPods);
        if (!now.problems().isEmpty()) {
            throw new AssertionError(String.join("\n", now.problems()));
        }
        Predicate<CampaignPod> deletable = pod -> faults.allowDelete(pod.node(), pod.network());
        var soon = new Comparison(calls.pods());
        soon.nothingIsEnding(deletable);
        for (NodeJournal journal : journals) {
            soon.nothingIsLost(journal, pod -> deletable.test(pod) && !faults.has(pod.node(), Kind.JUMP_CLOCK));
            soon.kernelHasNoLeftovers(journal.node(), kernel, OWN_LINKS);
        }
        var problems = new ArrayList<>(soon.problems());
        problems.addAll(ledgerProblems(journals));
        problems.addAll(calls.checkProblems());
        if (problems.isEmpty()) {
            journals.forEach(journal -> calls.forgetCollected(journal.node(), journal.facts()));
            problems.addAll(reachability.problems(networks));
        }
        return problems;
    }

    private KernelFacts kernel() {
        return KernelFacts.read(Stream.concat(
                        lab.nodes().stream().map(LabNode::name),
                        calls.pods().stream().map(pod -> pod.pod().sandbox().namespace()))
                .toList());
    }

    /// The journals of the nodes whose agents run.
    private List<NodeJournal> journals() {
        return lab.nodes().stream()
                .filter(node -> lab.lab().agent(node).alive())
                .map(node -> new NodeJournal(
                        node.name(), JournalFacts.read(lab.state(node).resolve("journal.db"))))
                .toList();
    }

    private List<String> ledgerProblems(List<NodeJournal> journals) {
        if (faults.ipamAway()) {
            return List.of();
        }
        List<AllocationInterval> open = lab.lab().ipamApi().held();
        var ledger = new Comparison(calls.pods());
        journals.stream()
                .filter(journal -> !faults.has(journal.node(), Kind.JUMP_CLOCK))
                .forEach(journal -> ledger.ledgerMatches(journal, open));
        List<String> problems = new ArrayList<>(ledger.problems());
        lab.lab().ipamApi().openConflicts().forEach(conflict -> problems.add("conflict in the ledger: " + conflict));
        return problems;
    }
}
