package io.multinic.agent.garbage;

import io.multinic.contract.wire.PodRef;

/// Port to the current state of pods.
public interface PodLookup {
    /// True if the pod with this UID does not exist or has ended.
    ///
    /// Throws if the state could not be read from its source: a failure is not an answer.
    boolean gone(PodRef pod);
}
