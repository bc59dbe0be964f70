package io.multinic.controller.attachment;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.controller.attachment.AttachmentChange.Create;
import io.multinic.controller.attachment.AttachmentChange.Remove;
import io.multinic.controller.attachment.AttachmentChange.Restore;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttachmentDefinitionPlanTest {
    private static final List<String> ALL = List.of();

    @Test
    void everyActiveNamespaceGetsADefinition() {
        assertThat(AttachmentDefinitionPlan.of(ALL, List.of("b", "a"), List.of())
                        .changes())
                .containsExactly(new Create("a"), new Create("b"));
    }

    @Test
    void onlyNamedNamespacesThatExistHaveADefinition() {
        var existing = List.of(found("old", true, true));
        assertThat(AttachmentDefinitionPlan.of(List.of("a", "absent"), List.of("a", "b", "old"), existing)
                        .changes())
                .containsExactly(new Create("a"), new Remove(found("old", true, true)));
    }

    @Test
    void changedDefinitionIsRestoredAndACompleteOneIsKept() {
        var existing = List.of(found("a", true, false), found("b", true, true));
        assertThat(AttachmentDefinitionPlan.of(ALL, List.of("a", "b"), existing).changes())
                .containsExactly(new Restore(found("a", true, false)));
    }

    @Test
    void definitionOfAnotherOwnerIsNeverChanged() {
        var existing = List.of(found("a", false, false), found("b", false, false));
        var plan = AttachmentDefinitionPlan.of(List.of("a"), List.of("a", "b"), existing);
        assertThat(plan.changes()).isEmpty();
        assertThat(plan.blocked()).containsExactly("a");
        assertThat(AttachmentDefinitionPlan.removeAll(existing).changes()).isEmpty();
    }

    @Test
    void removeAllRemovesAllOfOurs() {
        var existing = List.of(found("a", true, false), found("b", true, true));
        assertThat(AttachmentDefinitionPlan.removeAll(existing).changes())
                .containsExactly(new Remove(found("a", true, false)), new Remove(found("b", true, true)));
    }

    private static ExistingAttachment found(String namespace, boolean ours, boolean complete) {
        return new ExistingAttachment(namespace, "uid-" + namespace, "7", ours, complete);
    }
}
