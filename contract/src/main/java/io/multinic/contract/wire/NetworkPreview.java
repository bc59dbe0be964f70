package io.multinic.contract.wire;

import io.multinic.contract.address.AddressCount;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.wire.NetworkState.Unplaced;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Effect that a PUT of a definition would have: the answer to `POST /api/v1/networks/{name}/preview`.
///
/// If `accepted` is false, `code` and `reason` are those of the refusal, and all other fields show the result as if it
/// were accepted. `added`,
/// `removed` and `moved` count blocks, of which `blocks` names the first 1000; `unplacedNics` counts `unplaced`, which
/// has the first 1000.
public record NetworkPreview(
        boolean accepted,
        @Nullable ErrorCode code,
        @Nullable String reason,
        List<InterfacePreview> interfaces,
        int added,
        int removed,
        int moved,
        List<BlockChange> blocks,
        int unplacedNics,
        List<Unplaced> unplaced) {
    public NetworkPreview {
        interfaces = List.copyOf(interfaces);
        blocks = List.copyOf(blocks);
        unplaced = List.copyOf(unplaced);
        if (accepted != (code == null) || accepted != (reason == null)) {
            throw new IllegalArgumentException("a refusal, and nothing else, has a code and a reason");
        }
    }

    /// One interface index with the number of host blocks that can be assigned, and the number that are.
    public record InterfacePreview(int index, Cidr masterNet, long hostBlocks, int taken, List<BlockSpace> spaces) {
        public InterfacePreview {
            spaces = List.copyOf(spaces);
        }
    }

    /// Numbers of addresses that one host can assign from an interface block: from a block without exclusions, and from
    /// the smallest assigned one (absent if there is none).
    public record BlockSpace(
            Cidr interfaceBlock,
            AddressCount addressesPerHost,
            @Nullable AddressCount fewest) {}

    /// A block that the node's NIC gets (`to`), loses (`from`) or exchanges (both), with the capacity of the new one.
    public record BlockChange(
            String node,
            String nodeUid,
            String nic,
            @Nullable Cidr from,
            @Nullable Cidr to,
            @Nullable AddressCount capacity) {}
}
