package io.multinic.contract.crd;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/// NICs of the node of the same name, and the state of each network on the node as its agent observed it.
@Group("multinic.fms.io")
@Version("v1")
@Kind("HostInterface")
@Singular("hostinterface")
@Plural("hostinterfaces")
@ShortNames("hif")
@AdditionalPrinterColumn(
        name = "Revision",
        jsonPath = ".status.planRevision",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Reported", jsonPath = ".status.lastSyncTime", type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@JsonClassDescription("The NICs of the node of the same name, and the state of each network on that node.")
public class HostInterface extends CustomResource<HostInterfaceSpec, HostInterfaceStatus> {
    private static final long serialVersionUID = 1L;

    /// Keeps the spec null until it is set, because a record has no empty instance.
    @Override
    @SuppressWarnings("NullAway") // the superclass is not annotated and takes null
    protected HostInterfaceSpec initSpec() {
        return null;
    }

    @Override
    @SuppressWarnings("NullAway") // the superclass is not annotated and takes null
    protected HostInterfaceStatus initStatus() {
        return null;
    }
}
