package io.multinic.contract.crd;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/// Named set of PCI devices, for the attachment policy `devClass`.
@Group("multinic.fms.io")
@Version("v1")
@Kind("DeviceClass")
@Singular("deviceclass")
@Plural("deviceclasses")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@JsonClassDescription("A named set of PCI devices, for the attachment policy devClass.")
public class DeviceClass extends CustomResource<DeviceClassSpec, Void> {
    private static final long serialVersionUID = 1L;

    /// Keeps the spec null until it is set, because a record has no empty instance.
    @Override
    @SuppressWarnings("NullAway") // the superclass is not annotated and takes null
    protected DeviceClassSpec initSpec() {
        return null;
    }
}
