package io.multinic.ipam.store.plan;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.PeerChange;
import io.multinic.contract.wire.PlanChange;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.ipam.plan.HostSlot;
import io.multinic.ipam.plan.PlanDiff;
import io.multinic.ipam.plan.PlannedBlock;
import io.multinic.ipam.poll.PollAnswer;
import io.multinic.ipam.poll.PollState;
import io.multinic.ipam.recovery.Lineage;
import io.multinic.ipam.store.Columns;
import io.multinic.ipam.store.NodeRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Log of changes of peers' blocks, so that a change for one node costs each other node one small message.
///
/// A change of a node's own blocks is not logged: it raises the node's revision, and the agent gets the whole plan.
/// Changes that are old or large are discarded: `plan_change_horizon` is the last discarded revision, and agents with
/// an older revision get the whole plan too.
@Repository
public class PlanChangeLog {
    /// Number of revisions whose changes are kept.
    private static final long MAX_REVISIONS = 1_000;
    /// Maximum number of blocks of a logged change.
    private static final int MAX_BLOCKS = 1_000;

    private final JdbcClient jdbc;
    private final PlanQueries queries;
    private final LineageStore lineages;

    PlanChangeLog(JdbcClient jdbc, PlanQueries queries, LineageStore lineages) {
        this.jdbc = jdbc;
        this.queries = queries;
        this.lineages = lineages;
    }

    private record Row(
            String uid,
            int interfaceIndex,
            Cidr block,
            @Nullable IpAddress via,
            List<Cidr> excluded) {}

    /// Logs the diff as changes for the peers of its nodes.
    void record(int networkId, PlanDiff diff, long revision) {
        if (diff.removed().size() + diff.added().size() > MAX_BLOCKS) {
            discardUpTo(revision);
            return;
        }
        var rows = new LinkedHashMap<Cidr, Row>();
        for (HostSlot slot : diff.removed()) {
            for (PlannedBlock block : slot.blocks()) {
                rows.put(
                        block.podBlock(),
                        new Row(slot.key().nodeUid(), slot.interfaceIndex(), block.podBlock(), null, List.of()));
            }
        }
        for (HostSlot slot : diff.added()) {
            for (PlannedBlock block : slot.blocks()) {
                IpAddress via = slot.present() ? slot.via(block.podBlock().family()) : null;
                rows.put(
                        block.podBlock(),
                        new Row(slot.key().nodeUid(), slot.interfaceIndex(), block.podBlock(), via, block.excluded()));
            }
        }
        // Plans contain current peers only.
        jdbc.sql("""
                        INSERT INTO plan_change (revision, network_id, interface_index, block, node, via, excluded)
                        SELECT ?, ?, changed.interface_index, changed.block, node.name, changed.via,
                               string_to_array(changed.excluded, ' ')::cidr[]
                        FROM unnest(?::text[], ?::integer[], ?::cidr[], ?::inet[], ?::text[])
                             AS changed (uid, interface_index, block, via, excluded)
                        JOIN node ON node.uid = changed.uid
                        WHERE node.current""")
                .param(revision)
                .param(networkId)
                .param(Columns.texts(rows.values(), Row::uid))
                .param(Columns.texts(rows.values(), Row::interfaceIndex))
                .param(Columns.texts(rows.values(), Row::block))
                .param(Columns.texts(rows.values(), Row::via))
                .param(Columns.texts(rows.values(), row -> Columns.joined(row.excluded())))
                .update();
    }

    /// Logs all blocks of the node: with a route if it is the current node of its name, else without.
    void recordAllBlocks(NodeRecord node, long revision) {
        jdbc.sql("""
                        INSERT INTO plan_change (revision, network_id, interface_index, block, node, via, excluded)
                        SELECT ?, interface.network_id, interface.index, block.cidr, node.name,
                               CASE WHEN node.current AND host.present
                                    THEN CASE family(block.cidr) WHEN 4 THEN host.via_ipv4 ELSE host.via_ipv6 END END,
                               block.excluded
                        FROM host_index host
                        JOIN interface_index interface ON interface.id = host.interface_index_id
                        JOIN block ON block.host_index_id = host.id
                        JOIN node ON node.id = host.node_id
                        WHERE host.node_id = ?""").param(revision).param(node.id()).update();
    }

    /// Discards all changes up to this revision; agents with an older one get the whole plan.
    void discardUpTo(long revision) {
        jdbc.sql("DELETE FROM plan_change WHERE revision <= ?").param(revision).update();
        jdbc.sql("UPDATE plan_change_horizon SET revision = greatest(revision, ?)")
                .param(revision)
                .update();
    }

    /// Discards old changes at every hundredth revision.
    void prune(long revision) {
        if (revision % (MAX_REVISIONS / 10) == 0) {
            discardUpTo(revision - MAX_REVISIONS);
        }
    }

    private record NodeRevisions(long own, long plan, int reportedIn) {}

    /// Agent with an older revision, and the present revision of its plan.
    private record Behind(PollState state, long revision) {}

    private record InterfaceKey(int networkId, int index) {}

    private record RecordedChange(long revision, InterfaceKey in, PeerChange change) {}

    private record Definition(
            long revision, String name, @Nullable NetworkPlan plan) {}

    /// Answers for all states whose node is known. Needs a transaction with one snapshot.
    public Map<PollState, PollAnswer> answers(Collection<PollState> states) {
        Lineage present = lineages.read();
        String history = present.present().toString();
        long lastRevision = lineages.lastRevision();
        long horizon = jdbc.sql("SELECT revision FROM plan_change_horizon")
                .query(Long.class)
                .single();
        Map<String, NodeRevisions> revisions = revisions(states);
        var answers = new HashMap<PollState, PollAnswer>();
        var behind = new ArrayList<Behind>();
        for (PollState one : states) {
            NodeRevisions now = revisions.get(one.node());
            if (now == null) {
                continue;
            }
            boolean same = history.equals(one.history());
            if (present.needsSession(one.history(), one.revision(), now.reportedIn(), lastRevision)) {
                answers.put(one, new PollAnswer.SessionNeeded());
            } else if (present.keepsPlan(one.history())) {
                answers.put(one, new PollAnswer.Unchanged());
            } else if (same && one.revision() == now.plan()) {
                answers.put(one, new PollAnswer.Unchanged());
            } else if (same && one.revision() >= Math.max(horizon, now.own()) && one.revision() < now.plan()) {
                behind.add(new Behind(one, now.plan()));
            } else {
                answers.put(one, new PollAnswer.WholePlan());
            }
        }
        if (!behind.isEmpty()) {
            addChanges(answers, behind, history);
        }
        return answers;
    }

    private void addChanges(Map<PollState, PollAnswer> answers, List<Behind> behind, String history) {
        long oldest =
                behind.stream().mapToLong(one -> one.state().revision()).min().orElseThrow();
        Set<String> names = new HashSet<>();
        behind.forEach(one -> names.add(one.state().node()));
        Map<String, Set<InterfaceKey>> interfaces = interfaces(names);
        List<RecordedChange> recorded = recorded(oldest);
        Map<Integer, Definition> definedAfter = definedAfter(oldest);
        Map<String, Map<Integer, List<NicBlock>>> blocks = definedAfter.isEmpty() ? Map.of() : queries.ownBlocks(names);
        for (Behind one : behind) {
            PollState state = one.state();
            var edited = new ArrayList<NetworkPlan>();
            var removed = new ArrayList<String>();
            definedAfter.forEach((id, definition) -> {
                if (definition.revision() <= state.revision()) {
                    return;
                }
                if (definition.plan() == null) {
                    removed.add(definition.name());
                } else {
                    edited.add(new NetworkPlan(
                            definition.plan().network(),
                            definition.plan().number(),
                            blocks.getOrDefault(state.node(), Map.of()).getOrDefault(id, List.of()),
                            List.of()));
                }
            });
            var change = new PlanChange(
                    state.revision(),
                    one.revision(),
                    edited,
                    removed,
                    peers(state, interfaces.getOrDefault(state.node(), Set.of()), recorded));
            answers.put(state, new PollAnswer.Change(PlanUpdate.since(history, change)));
        }
    }

    /// Latest change of each block.
    private static List<PeerChange> peers(
            PollState state, Set<InterfaceKey> interfaces, List<RecordedChange> recorded) {
        record BlockKey(String network, Cidr block) {}
        var last = new LinkedHashMap<BlockKey, PeerChange>();
        for (RecordedChange one : recorded) {
            if (one.revision() > state.revision()
                    && interfaces.contains(one.in())
                    && !one.change().node().equals(state.node())) {
                last.put(new BlockKey(one.change().network(), one.change().podBlock()), one.change());
            }
        }
        return List.copyOf(last.values());
    }

    private Map<String, NodeRevisions> revisions(Collection<PollState> states) {
        Map<String, NodeRevisions> revisions = new HashMap<>();
        jdbc.sql("SELECT node.name, node.revision AS own, node.spoke_in, " + PlanQueries.REVISION
                        + " AS plan FROM node WHERE node.current AND node.name = ANY (?)")
                .param(states.stream().map(PollState::node).distinct().toArray(String[]::new))
                .query(row -> {
                    revisions.put(
                            row.getString("name"),
                            new NodeRevisions(row.getLong("own"), row.getLong("plan"), row.getInt("spoke_in")));
                });
        return revisions;
    }

    /// Interfaces of the nodes. Nodes with the same interfaces come as one row: in a uniform cluster one row for
    /// all.
    private Map<String, Set<InterfaceKey>> interfaces(Collection<String> nodes) {
        Map<Long, InterfaceKey> keys = new HashMap<>();
        jdbc.sql("SELECT id, network_id, index FROM interface_index").query(row -> {
            keys.put(row.getLong("id"), new InterfaceKey(row.getInt("network_id"), row.getInt("index")));
        });
        Map<String, Set<InterfaceKey>> interfaces = new HashMap<>();
        jdbc.sql("""
                        SELECT array_agg(name) AS names, ids
                        FROM (SELECT node.name, array_agg(DISTINCT host.interface_index_id) AS ids
                              FROM node JOIN host_index host ON host.node_id = node.id
                              WHERE node.current AND node.name = ANY (?) AND host.present
                              GROUP BY node.id) hosts
                        GROUP BY ids""").param(nodes.toArray(String[]::new)).query(row -> {
            Set<InterfaceKey> same = Arrays.stream((Long[]) row.getArray("ids").getArray())
                    .map(keys::get)
                    .collect(Collectors.toSet());
            for (String name : (String[]) row.getArray("names").getArray()) {
                interfaces.put(name, same);
            }
        });
        return interfaces;
    }

    private List<RecordedChange> recorded(long after) {
        return jdbc.sql("""
                        SELECT change.revision, change.network_id, network.name AS network, change.interface_index,
                               change.node, change.block, change.via, change.excluded::text[] AS excluded
                        FROM plan_change change JOIN network ON network.id = change.network_id
                        WHERE change.revision > ? AND network.definition IS NOT NULL
                        ORDER BY change.id""")
                .param(after)
                .query((row, number) -> new RecordedChange(
                        row.getLong("revision"),
                        new InterfaceKey(row.getInt("network_id"), row.getInt("interface_index")),
                        new PeerChange(
                                row.getString("network"),
                                row.getInt("interface_index"),
                                row.getString("node"),
                                Columns.cidr(row, "block"),
                                Columns.addressOrNull(row, "via"),
                                Columns.cidrs(row, "excluded"))))
                .list();
    }

    /// Networks that were defined, edited or removed after the revision.
    private Map<Integer, Definition> definedAfter(long after) {
        Map<Integer, Definition> definedAfter = new LinkedHashMap<>();
        jdbc.sql("SELECT id, name, number, definition::text, revision FROM network WHERE revision > ? ORDER BY number")
                .param(after)
                .query(row -> {
                    String definition = row.getString("definition");
                    definedAfter.put(
                            row.getInt("id"),
                            new Definition(
                                    row.getLong("revision"),
                                    row.getString("name"),
                                    definition == null
                                            ? null
                                            : new NetworkPlan(
                                                    DefinitionConverter.parse(definition),
                                                    row.getInt("number"),
                                                    List.of(),
                                                    List.of())));
                });
        return definedAfter;
    }
}
