package io.multinic.agent.journal;

import io.multinic.agent.address.BlockAddresses;
import io.multinic.agent.address.BlockUse;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/// State of a block's addresses in the journal's file, read in the caller's transaction.
///
/// Addresses are compared as blobs; the length distinguishes the families.
final class SqliteBlock implements BlockAddresses {
    private final SqliteSession session;
    private final String network;
    private final IpAddress last;
    private final byte[] firstBytes;
    private final byte[] lastBytes;
    private final long id;

    private SqliteBlock(SqliteSession session, String network, Cidr block) {
        this.session = session;
        this.network = network;
        this.last = block.last();
        this.firstBytes = block.first().bytes();
        this.lastBytes = last.bytes();
        this.id = known().orElseGet(this::add);
    }

    /// The blocks of a network. A block that is asked for is recorded; it replaces blocks that overlap it, which are of
    /// an earlier plan.
    static Source source(SqliteSession session, String network) {
        return block -> new SqliteBlock(session, network, block);
    }

    private Optional<Long> known() {
        return session.first(
                "SELECT id FROM block WHERE network = ? AND first = ? AND last = ?",
                row -> Optional.of(row.number(1)),
                network,
                firstBytes,
                lastBytes);
    }

    private long add() {
        session.update(
                "DELETE FROM block WHERE network = ? AND first <= ? AND last >= ? AND length(first) = ?",
                network,
                lastBytes,
                firstBytes,
                firstBytes.length);
        session.update("INSERT INTO block (network, first, last) VALUES (?, ?, ?)", network, firstBytes, lastBytes);
        long added = known().orElseThrow();
        session.update(
                "UPDATE rest SET block = ? WHERE network = ? AND address BETWEEN ? AND ? AND length(address) = ?",
                added,
                network,
                firstBytes,
                lastBytes,
                firstBytes.length);
        return added;
    }

    @Override
    public Optional<String> holder(IpAddress address) {
        return session.first("""
                        SELECT t.pod_namespace || '/' || t.pod_name \
                        FROM allocation a JOIN attachment t USING (container_id, if_name) \
                        WHERE a.network = ? AND a.address = ?""", row -> Optional.of(row.text(1)), network, address.bytes());
    }

    /// Starts after the range from `from` on that is known to be used, and stores how far the search came: each address
    /// is passed once.
    @Override
    public Optional<IpAddress> lowestFree(IpAddress from) {
        var through = usedThrough(from);
        Optional<IpAddress> candidate = through.isEmpty() ? Optional.of(from) : next(through.get());
        Optional<IpAddress> passed = Optional.empty();
        while (candidate.isPresent() && isUsed(candidate.get())) {
            passed = candidate;
            candidate = next(candidate.get());
        }
        passed.ifPresent(end -> session.update(
                "INSERT OR REPLACE INTO used_range (network, first, through) VALUES (?, ?, ?)",
                network,
                from.bytes(),
                end.bytes()));
        return candidate;
    }

    private Optional<IpAddress> usedThrough(IpAddress from) {
        return session.first(
                "SELECT through FROM used_range WHERE network = ? AND first = ?",
                row -> Optional.of(IpAddress.of(row.bytes(1))),
                network,
                from.bytes());
    }

    private Optional<IpAddress> next(IpAddress address) {
        return address.compareTo(last) >= 0 ? Optional.empty() : Optional.of(address.plus(1));
    }

    private boolean isUsed(IpAddress address) {
        byte[] bytes = address.bytes();
        return session.first("""
                        SELECT 1 FROM allocation WHERE network = ? AND address = ? \
                        UNION ALL SELECT 1 FROM rest WHERE network = ? AND address = ?""", row -> Optional.of(row.number(1)), network, bytes, network, bytes)
                .isPresent();
    }

    /// An address that was freed in the future, before the clock was set back, has rested if that time is far enough.
    @Override
    public Optional<IpAddress> leastRecentlyFreed(Instant now, Duration restingTime, Predicate<IpAddress> usable) {
        return freed("freed_at <= ?", now.minus(restingTime), usable)
                .or(() -> freed("freed_at >= ?", now.plus(restingTime), usable));
    }

    private Optional<IpAddress> freed(String condition, Instant time, Predicate<IpAddress> usable) {
        return session.first(
                "SELECT address FROM rest WHERE block = ? AND " + condition + " ORDER BY freed_at, turn",
                row -> Optional.of(IpAddress.of(row.bytes(1))).filter(usable),
                id,
                SqliteSession.micros(time));
    }

    @Override
    public Optional<IpAddress> lastHeldBy(PodRef pod, String podInterface) {
        String recorded = FreedAddresses.pod(pod);
        if (recorded.isEmpty()) {
            return Optional.empty();
        }
        return session.first("""
                SELECT address FROM rest WHERE pod = ? AND pod <> '' AND pod_interface = ? AND block = ? \
                ORDER BY turn DESC LIMIT 1""", row -> Optional.of(IpAddress.of(row.bytes(1))), recorded, podInterface, id);
    }

    @Override
    public BlockUse use() {
        var held = new TreeMap<IpAddress, String>();
        session.query(
                        """
                        SELECT a.address, t.pod_namespace || '/' || t.pod_name \
                        FROM allocation a JOIN attachment t USING (container_id, if_name) \
                        WHERE a.network = ? AND a.address BETWEEN ? AND ? AND length(a.address) = ?""",
                        row -> new Held(IpAddress.of(row.bytes(1)), row.text(2)),
                        network,
                        firstBytes,
                        lastBytes,
                        firstBytes.length)
                .forEach(found -> held.put(found.address(), found.pod()));
        var resting = session.query(
                "SELECT address, freed_at FROM rest WHERE block = ?",
                row -> new BlockUse.Rested(IpAddress.of(row.bytes(1)), row.time(2)),
                id);
        return new BlockUse(held, resting);
    }

    private record Held(IpAddress address, String pod) {}
}
