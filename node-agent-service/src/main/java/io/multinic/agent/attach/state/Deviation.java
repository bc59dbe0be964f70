package io.multinic.agent.attach.state;

import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.kernel.Change;
import java.util.List;

/// A difference between an attachment and its record.
///
/// @param text names the object; CHECK and reports show it
public record Deviation(String text, Repair repair) {
    /// The action that removes a deviation.
    public sealed interface Repair {
        /// A change in the pod's namespace.
        record InPod(Change change) implements Repair {}

        /// Changes in the node's namespace, in order.
        record OnHost(List<Change> changes) implements Repair {
            public OnHost {
                changes = List.copyOf(changes);
            }
        }

        /// Creates an interface again, with its host end.
        record Create(PodInterface podInterface) implements Repair {}

        /// Enables forwarding between an interface's host end and its NIC.
        record Forward(PodInterface podInterface) implements Repair {}

        /// No change of the agent removes the deviation.
        record Impossible() implements Repair {}
    }

    static Deviation inPod(String text, Change change) {
        return new Deviation(text, new Repair.InPod(change));
    }

    static Deviation onHost(String text, Change... changes) {
        return new Deviation(text, new Repair.OnHost(List.of(changes)));
    }

    static Deviation create(String text, PodInterface podInterface) {
        return new Deviation(text, new Repair.Create(podInterface));
    }

    static Deviation forward(String text, PodInterface podInterface) {
        return new Deviation(text, new Repair.Forward(podInterface));
    }

    static Deviation impossible(String text) {
        return new Deviation(text, new Repair.Impossible());
    }
}
