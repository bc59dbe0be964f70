package io.multinic.controller.reconcile.node;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;

/// Informer cache of Nodes that keeps only name, UID, resourceVersion and deletionTimestamp.
///
/// A Node lists its images, conditions and annotations: tens of kilobytes, of which the controller needs name and UID.
/// With thousands of nodes they would be most of its memory.
public final class NodeIdentities extends BasicItemStore<Node> {
    public NodeIdentities() {
        super(Cache::metaNamespaceKeyFunc);
    }

    @Override
    public Node put(String key, Node node) {
        var metadata = node.getMetadata();
        return super.put(
                key,
                new NodeBuilder()
                        .withNewMetadata()
                        .withName(metadata.getName())
                        .withUid(metadata.getUid())
                        .withResourceVersion(metadata.getResourceVersion())
                        .withDeletionTimestamp(metadata.getDeletionTimestamp())
                        .endMetadata()
                        .build());
    }

    @Override
    public boolean isFullState() {
        return false;
    }
}
