package io.multinic.agent.garbage;

import io.multinic.contract.wire.PodRef;

/// Who knows whether a pod still exists.
public interface PodLookup {
    /// Whether this very pod, by its UID, is no more or will never run again.
    ///
    /// Throws whenever that could not be learnt from whoever knows it for certain: a failure is no answer.
    boolean gone(PodRef pod);
}
