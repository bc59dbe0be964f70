package io.multinic.controller.kubernetes;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import io.multinic.controller.kubernetes.NetworkAttachmentDefinition.Spec;
import org.jspecify.annotations.Nullable;

/// The resource in which Multus finds the CNI configuration of a network.
@Group("k8s.cni.cncf.io")
@Version("v1")
@Kind("NetworkAttachmentDefinition")
@Singular("network-attachment-definition")
@Plural("network-attachment-definitions")
public class NetworkAttachmentDefinition extends CustomResource<Spec, Void> implements Namespaced {
    private static final long serialVersionUID = 1L;

    /// `config` is a CNI configuration as a JSON text.
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Spec(@Nullable String config) {}

    /// Records have no empty form: absent until set.
    @Override
    @SuppressWarnings("NullAway") // the superclass is not annotated and takes null
    protected Spec initSpec() {
        return null;
    }
}
