package io.multinic.controller.reconcile.network;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import io.multinic.controller.reconcile.network.NetworkAttachmentDefinition.Spec;
import org.jspecify.annotations.Nullable;

/// The resource from which Multus takes the CNI configuration of a network.
@Group("k8s.cni.cncf.io")
@Version("v1")
@Kind("NetworkAttachmentDefinition")
@Singular("network-attachment-definition")
@Plural("network-attachment-definitions")
public class NetworkAttachmentDefinition extends CustomResource<Spec, Void> implements Namespaced {
    private static final long serialVersionUID = 1L;

    /// @param config CNI configuration as JSON text
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Spec(@Nullable String config) {}

    /// Keeps the spec null until it is set, because a record has no empty instance.
    @Override
    @SuppressWarnings("NullAway") // the superclass is not annotated and takes null
    protected Spec initSpec() {
        return null;
    }
}
