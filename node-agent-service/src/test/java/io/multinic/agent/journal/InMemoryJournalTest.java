package io.multinic.agent.journal;

class InMemoryJournalTest extends AllocationStoreContract {
    private final InMemoryJournal journal = new InMemoryJournal();

    @Override
    AllocationStore store() {
        return journal;
    }

    @Override
    Outbox outbox() {
        return journal;
    }
}
