package io.multinic.agent.nic;

import java.util.List;

/// Port: the NICs that were moved into pods, durably.
public interface MovedNicStore {
    List<MovedNic> all();

    /// Adds a NIC, or replaces the entry of the same name.
    void put(MovedNic moved);

    void remove(String nic);
}
