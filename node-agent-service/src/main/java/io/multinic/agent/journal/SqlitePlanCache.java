package io.multinic.agent.journal;

import io.multinic.agent.plan.KnownPlan;
import io.multinic.agent.plan.PlanCache;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PeerBlock;
import io.multinic.contract.wire.PeerBlocks;
import io.multinic.contract.wire.PeerChange;
import io.multinic.contract.wire.PlanChange;
import io.multinic.contract.wire.StatedBlock;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/// The last plan in a SQLite file of its own, so that storing it delays no ADD. A change of the plan writes the rows
/// that
/// it changes.
///
/// Agents before this file existed stored the plan in the journal. It is moved from there; until that succeeds, for
/// example because the disk is full, it is read from there.
final class SqlitePlanCache implements PlanCache, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SqlitePlanCache.class);

    private final SqlitePlanFile file;
    private final SqliteFile journal;
    private final JsonMapper json;
    private volatile boolean inJournal;

    SqlitePlanCache(Path path, SqliteFile journal, JsonMapper json) {
        this.file = new SqlitePlanFile(path);
        this.journal = journal;
        this.json = json;
        Optional<KnownPlan> earlier = loadFromJournal();
        inJournal = earlier.isPresent();
        earlier.ifPresent(this::move);
    }

    private void move(KnownPlan plan) {
        try {
            save(plan);
        } catch (MultiNicException e) {
            log.atWarn()
                    .addKeyValue("reason", e.getMessage())
                    .log("plan of an earlier agent stays in the journal until the next plan");
        }
    }

    private Optional<KnownPlan> loadFromJournal() {
        return journal
                .quickly(session -> session.query(
                        "SELECT body, history, absent FROM plan",
                        row -> new KnownPlan(
                                json.readValue(row.text(1), NodePlan.class), row.text(2), absent(row.text(3)))))
                .stream()
                .findFirst();
    }

    private void deleteFromJournal() {
        if (inJournal) {
            journal.durably(session -> session.update("DELETE FROM plan"));
            inJournal = false;
        }
    }

    private List<StatedBlock> absent(String text) {
        return List.of(json.readValue(text, StatedBlock[].class));
    }

    @Override
    public Optional<KnownPlan> load() {
        return inJournal ? loadFromJournal() : file.transact(session -> new Rows(session).plan(true));
    }

    @Override
    public Optional<KnownPlan> loadWithoutPeers() {
        return inJournal ? loadFromJournal() : file.transact(session -> new Rows(session).plan(false));
    }

    @Override
    public void save(KnownPlan plan) {
        file.transact(session -> new Rows(session).replace(plan));
        deleteFromJournal();
    }

    @Override
    public void save(KnownPlan plan, PlanChange change) {
        boolean applies = !inJournal;
        file.transact(session -> {
            var rows = new Rows(session);
            return applies && rows.precede(plan, change) ? rows.apply(plan, change) : rows.replace(plan);
        });
        deleteFromJournal();
    }

    @Override
    public void forget() {
        deleteFromJournal();
        file.clear();
    }

    @Override
    public void close() {
        file.close();
    }

    /// The rows of the plan in one transaction.
    private final class Rows {
        private final SqliteSession session;

        Rows(SqliteSession session) {
            this.session = session;
        }

        Optional<KnownPlan> plan(boolean peers) {
            return session.first(
                    "SELECT name, uid, revision, history, absent FROM node",
                    row -> Optional.of(new KnownPlan(
                            new NodePlan(row.text(1), row.text(2), row.number(3), networks(peers)),
                            row.text(4),
                            absent(row.text(5)))));
        }

        private List<NetworkPlan> networks(boolean peers) {
            return session.query(
                    "SELECT id, number, definition, blocks FROM network ORDER BY number",
                    row -> new NetworkPlan(
                            json.readValue(row.text(3), NetworkDefinition.class),
                            (int) row.number(2),
                            List.of(json.readValue(row.text(4), NicBlock[].class)),
                            peers ? peers(row.number(1)) : List.of()));
        }

        private PeerBlocks peers(long network) {
            var peers = new PeerBlocks.Builder();
            session.forEach(
                    "SELECT block, node, interface_index, via, excluded FROM peer WHERE network = ? ORDER BY block",
                    row -> peers.add(peer(row)),
                    network);
            return peers.build();
        }

        private PeerBlock peer(SqliteSession.Row row) {
            String excluded = row.nullableText(5);
            return new PeerBlock(
                    row.text(2),
                    (int) row.number(3),
                    block(row.bytes(1)),
                    IpAddress.of(row.bytes(4)),
                    excluded == null ? null : List.of(json.readValue(excluded, Cidr[].class)));
        }

        /// True if the stored plan is the one that `change` turns into `plan`.
        boolean precede(KnownPlan plan, PlanChange change) {
            return session.first(
                            "SELECT uid, revision FROM node",
                            row -> Optional.of(
                                    row.text(1).equals(plan.plan().nodeUid()) && row.number(2) == change.base()))
                    .orElse(false);
        }

        KnownPlan replace(KnownPlan plan) {
            session.update("DELETE FROM peer");
            session.update("DELETE FROM network");
            plan.plan().networks().forEach(this::putWithPeers);
            return putNode(plan);
        }

        KnownPlan apply(KnownPlan plan, PlanChange change) {
            for (String removed : change.removed()) {
                session.update("DELETE FROM peer WHERE network = (SELECT id FROM network WHERE name = ?)", removed);
                session.update("DELETE FROM network WHERE name = ?", removed);
            }
            for (NetworkPlan network : change.networks()) {
                if (id(network.network().name()).isPresent()) {
                    put(network);
                } else {
                    putWithPeers(network);
                }
            }
            change.peers().forEach(peer -> id(peer.network()).ifPresent(network -> apply(network, peer)));
            return putNode(plan);
        }

        private void apply(long network, PeerChange peer) {
            IpAddress via = peer.via();
            if (via == null) {
                session.update("DELETE FROM peer WHERE network = ? AND block = ?", network, key(peer.podBlock()));
            } else {
                put(network, new PeerBlock(peer.node(), peer.interfaceIndex(), peer.podBlock(), via, peer.excluded()));
            }
        }

        private KnownPlan putNode(KnownPlan known) {
            NodePlan plan = known.plan();
            session.update(
                    """
                    INSERT OR REPLACE INTO node (only, name, uid, revision, history, absent)
                    VALUES (1, ?, ?, ?, ?, ?)""",
                    plan.node(),
                    plan.nodeUid(),
                    plan.revision(),
                    known.history(),
                    json.writeValueAsString(known.absent()));
            return known;
        }

        private Optional<Long> id(String network) {
            return session.first("SELECT id FROM network WHERE name = ?", row -> Optional.of(row.number(1)), network);
        }

        private void putWithPeers(NetworkPlan network) {
            long id = put(network);
            network.peers().forEach(peer -> put(id, peer));
        }

        private long put(NetworkPlan network) {
            String name = network.network().name();
            session.update(
                    """
                    INSERT INTO network (name, number, definition, blocks) VALUES (?, ?, ?, ?)
                    ON CONFLICT (name) DO UPDATE
                    SET number = excluded.number, definition = excluded.definition, blocks = excluded.blocks""",
                    name,
                    network.number(),
                    json.writeValueAsString(network.network()),
                    json.writeValueAsString(network.blocks()));
            return id(name).orElseThrow();
        }

        private void put(long network, PeerBlock peer) {
            session.update(
                    """
                    INSERT OR REPLACE INTO peer (network, block, node, interface_index, via, excluded)
                    VALUES (?, ?, ?, ?, ?, ?)""",
                    network,
                    key(peer.podBlock()),
                    peer.node(),
                    peer.interfaceIndex(),
                    peer.via().bytes(),
                    peer.excluded().isEmpty() ? null : json.writeValueAsString(peer.excluded()));
        }

        /// A block as a key in the order of blocks: length of the address, address, prefix length.
        private static byte[] key(Cidr block) {
            byte[] address = block.network().bytes();
            return ByteBuffer.allocate(address.length + 2)
                    .put((byte) address.length)
                    .put(address)
                    .put((byte) block.prefixLength())
                    .array();
        }

        private static Cidr block(byte[] key) {
            byte[] address = Arrays.copyOfRange(key, 1, key.length - 1);
            return new Cidr(IpAddress.of(address), Byte.toUnsignedInt(key[key.length - 1]));
        }
    }
}
