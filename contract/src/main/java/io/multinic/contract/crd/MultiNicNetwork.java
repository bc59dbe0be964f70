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

/// Network over the NICs of all hosts: the user's specification and the observed status.
@Group("multinic.fms.io")
@Version("v1")
@Kind("MultiNicNetwork")
@Singular("multinicnetwork")
@Plural("multinicnetworks")
@ShortNames("mnn")
@AdditionalPrinterColumn(name = "Subnet", jsonPath = ".spec.subnet", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "Plugin", jsonPath = ".spec.plugin.type", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Ready",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Hosts",
        jsonPath = ".status.discovery.cidrProcessed",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "NICs", jsonPath = ".status.nics", type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Config",
        jsonPath = ".status.configStatus",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Routes",
        jsonPath = ".status.routeStatus",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Message",
        jsonPath = ".status.message",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@JsonClassDescription(
        "A network over the NICs of all hosts. A pod joins it by the annotation k8s.v1.cni.cncf.io/networks.")
public class MultiNicNetwork extends CustomResource<MultiNicNetworkSpec, MultiNicNetworkStatus> {
    private static final long serialVersionUID = 1L;

    /// Keeps the spec null until it is set, because a record has no empty instance.
    @Override
    @SuppressWarnings("NullAway") // the superclass is not annotated and takes null
    protected MultiNicNetworkSpec initSpec() {
        return null;
    }

    @Override
    @SuppressWarnings("NullAway") // the superclass is not annotated and takes null
    protected MultiNicNetworkStatus initStatus() {
        return null;
    }
}
