package io.multinic.controller.attachment;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Changes that make a network's NetworkAttachmentDefinitions what they should be, additions first.
///
/// @param blocked namespaces that have an object of the same name that is not ours; it is never changed
public record AttachmentDefinitionPlan(List<AttachmentChange> changes, List<String> blocked) {
    public AttachmentDefinitionPlan {
        changes = List.copyOf(changes);
        blocked = List.copyOf(blocked);
    }

    /// @param requested namespaces that the network names; none means all
    /// @param active namespaces that exist and are not being deleted
    public static AttachmentDefinitionPlan of(
            Collection<String> requested, Collection<String> active, Collection<ExistingAttachment> existing) {
        SortedSet<String> wanted = new TreeSet<>(active);
        if (!requested.isEmpty()) {
            wanted.retainAll(List.copyOf(requested));
        }
        Map<String, ExistingAttachment> there = new TreeMap<>();
        existing.forEach(attachment -> there.put(attachment.namespace(), attachment));

        var changes = new ArrayList<AttachmentChange>();
        var blocked = new ArrayList<String>();
        for (String namespace : wanted) {
            var attachment = there.get(namespace);
            if (attachment == null) {
                changes.add(new AttachmentChange.Create(namespace));
            } else if (!attachment.ours()) {
                blocked.add(namespace);
            } else if (!attachment.complete()) {
                changes.add(new AttachmentChange.Restore(attachment));
            }
        }
        there.values().stream()
                .filter(attachment -> attachment.ours() && !wanted.contains(attachment.namespace()))
                .forEach(attachment -> changes.add(new AttachmentChange.Remove(attachment)));
        return new AttachmentDefinitionPlan(changes, blocked);
    }

    /// Removes all that are ours.
    public static AttachmentDefinitionPlan removeAll(Collection<ExistingAttachment> existing) {
        return of(List.of(), List.of(), existing);
    }
}
