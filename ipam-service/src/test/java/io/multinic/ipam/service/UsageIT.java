package io.multinic.ipam.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.AddressRange;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.wire.AddressUse;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkUsage;
import io.multinic.contract.wire.Nic;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.ReservationRequest;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.TestPostgres;
import io.multinic.ipam.support.TestService;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Usage of networks through REST, on a real PostgreSQL.
class UsageIT {
    private static final String NET = "/api/v1/networks/net";
    private final Rest rest = TestService.shared().rest();

    @BeforeEach
    void clear() throws SQLException {
        TestService.sharedDatabase().clear();
    }

    private void put(NetworkDefinition definition) {
        var answer = rest.put("/api/v1/networks/" + definition.name(), definition);
        assertThat(answer.status()).as(answer.detail()).isEqualTo(200);
    }

    private void putNodes(int count) {
        for (int n = 1; n <= count; n++) {
            rest.put("/api/v1/nodes/node" + n, Samples.node(n));
        }
    }

    private void hold(int node, String... addresses) {
        String path = "/api/v1/nodes/node" + node;
        long epoch = rest.post(path + "/session", new SessionRequest("uid-" + node, "store", null, List.of()))
                .as(SessionGrant.class)
                .epoch();
        var events = new ArrayList<LedgerEvent>();
        for (String address : addresses) {
            events.add(Samples.allocated(events.size() + 1, address, "c" + events.size()));
        }
        assertThat(rest.post(path + "/ledger", Samples.batch(node, epoch, events.toArray(LedgerEvent[]::new)))
                        .status())
                .isEqualTo(200);
    }

    private NetworkUsage usage(String query) {
        return rest.get(NET + "/usage" + query).as(NetworkUsage.class);
    }

    private static String text(List<AddressUse> addresses) {
        return String.join(
                ", ",
                addresses.stream()
                        .map(use -> use.family() + " " + use.held() + " of " + use.capacity() + " reserved "
                                + use.reserved())
                        .toList());
    }

    private static List<String> hosts(NetworkUsage usage) {
        return usage.byHost().items().stream()
                .map(host -> host.node() + " " + text(host.addresses()))
                .toList();
    }

    private void reserve(String range) {
        var request = new ReservationRequest(AddressRange.parse(range), "r", "o", null);
        assertThat(rest.post(NET + "/reservations", request).status()).isEqualTo(201);
    }

    @Test
    void reservedCountsUsableAddressesThatAreNotHeld() {
        putNodes(3);
        // node1 has 192.168.0.0/28, node2 192.168.0.32/28 and node3 192.168.0.48/28 of eth1
        put(Samples.network("net", "192.168.0.0/16", 10, "192.168.0.16/28", "192.168.0.32/30"));
        hold(2, "192.168.0.36", "192.168.0.40");
        reserve("192.168.0.0-192.168.0.3"); // the first one is the network address
        reserve("192.168.0.30-192.168.0.37"); // node2 has six of them: four excluded, one held
        reserve("192.168.64.0-192.168.255.255"); // only those in the blocks of eth2 belong to nodes
        var usage = usage("");
        assertThat(usage.interfaces())
                .extracting(in -> in.index() + " " + text(in.addresses()))
                .containsExactly("0 IPV4 2 of 43 reserved 4", "1 IPV4 0 of 47 reserved 47");
        assertThat(text(usage.addresses())).isEqualTo("IPV4 2 of 90 reserved 51");
        assertThat(hosts(usage))
                .containsExactly(
                        "node2 IPV4 2 of 28 reserved 17",
                        "node1 IPV4 0 of 30 reserved 18",
                        "node3 IPV4 0 of 32 reserved 16");
    }

    @Test
    void usageListsFullestHostsFirst() {
        putNodes(3);
        put(Samples.network("net", "192.168.0.0/16", 10, "192.168.0.16/28", "192.168.0.32/30"));
        hold(2, "192.168.0.36", "192.168.0.37", "192.168.0.38");
        hold(3, "192.168.0.48");
        var usage = usage("");
        assertThat(usage.network()).isEqualTo("net");
        assertThat(usage.hosts()).isEqualTo(3);
        assertThat(text(usage.addresses())).isEqualTo("IPV4 4 of 90 reserved 0");
        assertThat(usage.interfaces())
                .extracting(in -> in.index() + " " + in.masterNet() + " " + in.interfaceBlocks() + " " + in.hosts()
                        + " hosts: " + text(in.addresses()))
                .containsExactly(
                        "0 10.0.1.0/24 [192.168.0.0/18] 3 hosts: IPV4 4 of 43 reserved 0",
                        "1 10.0.2.0/24 [192.168.64.0/18] 3 hosts: IPV4 0 of 47 reserved 0");
        assertThat(hosts(usage))
                .containsExactly(
                        "node2 IPV4 3 of 28 reserved 0",
                        "node3 IPV4 1 of 32 reserved 0",
                        "node1 IPV4 0 of 30 reserved 0");
        assertThat(usage.byHost().next()).isNull();
    }

    @Test
    void hostsArePaged() {
        putNodes(5);
        put(Samples.network("net"));
        hold(4, "192.168.3.1", "192.168.3.2");
        hold(2, "192.168.1.1");
        var nodes = new ArrayList<String>();
        String cursor = "";
        int pages = 0;
        while (cursor != null) {
            var page = usage("?limit=2&cursor=" + cursor).byHost();
            page.items().forEach(host -> nodes.add(host.node()));
            cursor = page.next();
            pages++;
        }
        assertThat(pages).isEqualTo(3);
        assertThat(nodes).containsExactly("node4", "node2", "node1", "node3", "node5");
        assertThat(rest.get(NET + "/usage?cursor=nonsense").code()).isEqualTo("INVALID_REQUEST");
        assertThat(rest.get("/api/v1/networks/none/usage").code()).isEqualTo("NETWORK_UNKNOWN");
    }

    private void putNode1AndANetworkOfBothFamilies() {
        rest.put(
                "/api/v1/nodes/node1",
                new NodeInventory(
                        "uid-1",
                        List.of(new Nic(
                                "eth1",
                                List.of(
                                        io.multinic.contract.address.PrefixedAddress.parse("10.0.1.1/24"),
                                        io.multinic.contract.address.PrefixedAddress.parse("fd00:1::1/64"))))));
        put(new NetworkDefinition(
                "net",
                List.of(Cidr.parse("192.168.0.0/16"), Cidr.parse("fd00::/16")),
                List.of(Cidr.parse("10.0.1.0/24")),
                2,
                6,
                List.of(Cidr.parse("fd00::/128"), Cidr.parse("fd00::100/120")),
                true));
    }

    @Test
    void wideIpv6BlocksAreCountedExactlyAndSeparately() {
        putNode1AndANetworkOfBothFamilies();
        hold(1, "192.168.0.7", "fd00::7", "fd00::8");
        var usage = usage("");
        String expected = "IPV4 1 of 255 reserved 0, IPV6 2 of 20282409603651670423947251285759 reserved 0";
        assertThat(text(usage.addresses())).isEqualTo(expected);
        assertThat(hosts(usage)).containsExactly("node1 " + expected);
        assertThat(rest.get(NET + "/usage").json().at("/addresses/1/capacity").isString())
                .isTrue();
    }

    /// The second reservation has 512 addresses: 257 are excluded (one is the network address), two of the others are
    /// held, and one excluded address is held. The third reservation has 2^80 addresses.
    @Test
    void reservedIpv6AddressesAreCountedExactlyAndSeparately() {
        putNode1AndANetworkOfBothFamilies();
        hold(1, "192.168.0.7", "fd00::7", "fd00::8", "fd00::105");
        reserve("192.168.0.0-192.168.0.9");
        reserve("fd00::-fd00::1ff");
        reserve("fd00:0:1::-fd00:0:1:ffff:ffff:ffff:ffff:ffff");
        String expected = "IPV4 1 of 255 reserved 8,"
                + " IPV6 3 of 20282409603651670423947251285759 reserved 1208925819614629174706429";
        var usage = usage("");
        assertThat(text(usage.addresses())).isEqualTo(expected);
        assertThat(hosts(usage)).containsExactly("node1 " + expected);
    }

    @Test
    void usageOfNetworkWithoutHostsListsInterfaces() {
        put(Samples.network("net"));
        var usage = usage("");
        assertThat(usage.hosts()).isZero();
        assertThat(usage.addresses()).isEmpty();
        assertThat(usage.interfaces()).extracting(in -> in.hosts()).containsExactly(0, 0);
        assertThat(usage.byHost().items()).isEmpty();
    }

    /// Blocks stored before the column existed get the capacity that the planner computes.
    @Test
    void migrationCountsCapacityAsThePlannerDoes() throws SQLException {
        var database = TestPostgres.newEmptyDatabase();
        var flyway = Flyway.configure().dataSource(database.url(), database.user(), database.password());
        flyway.target("2").load().migrate();
        database.execute("""
                INSERT INTO network (name, number, definition) VALUES ('net', 0, '{}');
                INSERT INTO node (uid, name, current) VALUES ('uid-1', 'node1', true);
                INSERT INTO nic VALUES (1, 1, 'eth1', '{10.0.1.1/24,10.0.1.1/32,fd00::1/64}'), (1, 2, 'eth2', '{}');
                INSERT INTO interface_index (network_id, index, master_net, blocks, revision)
                VALUES (1, 0, '10.0.1.0/24', '{}', 1);
                INSERT INTO host_index (interface_index_id, node_id, nic, index, present)
                SELECT 1, 1, 'eth' || i, i, true FROM generate_series(1, 8) AS i;
                INSERT INTO block VALUES
                  (1, 1, '192.168.0.0/24', '192.168.0.0/18', '{}'),
                  (2, 1, '192.168.63.0/24', '192.168.0.0/18', '{192.168.63.0/30,192.168.63.255/32}'),
                  (3, 1, '192.168.1.0/24', '192.168.0.0/18', '{192.168.1.0/30,192.168.1.8/32}'),
                  (4, 1, '10.0.0.0/30', '10.0.0.0/30', '{}'),
                  (5, 1, '10.0.0.4/31', '10.0.0.4/31', '{}'),
                  (6, 1, 'fd00::/64', 'fd00::/56', '{}'),
                  (7, 1, 'fd00:0:0:1::/64', 'fd00::/56', '{fd00:0:0:1::/65}'),
                  (8, 1, '::/1', '::/0', '{}')""");
        flyway.target("3").load().migrate();
        assertThat(database.count("""
                SELECT count(*) FROM block JOIN (VALUES (1, 255), (2, 251), (3, 251), (4, 2), (5, 2),
                  (6, 18446744073709551615), (7, 9223372036854775808), (8, 170141183460469231731687303715884105727))
                  AS expected (id, capacity) ON expected.id = block.host_index_id AND expected.capacity = block.capacity""")).isEqualTo(8);
        assertThat(database.count("SELECT count(*) FROM host_address WHERE nic = 'eth1'"))
                .isEqualTo(2);
    }
}
