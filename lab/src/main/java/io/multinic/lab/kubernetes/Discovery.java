package io.multinic.lab.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.http.MockResponse;
import io.multinic.lab.kubernetes.Tables.Column;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;

/// The discovery endpoints: some built-in resources of Kubernetes, and the resources of CRDs.
final class Discovery {
    static final String CRD_GROUP_VERSION = "apiextensions.k8s.io/v1";

    private static final List<Resource> OWN = List.of(
            new Resource("v1", "namespaces", "Namespace", false, List.of("ns")),
            new Resource("v1", "nodes", "Node", false, List.of("no")),
            new Resource("v1", "pods", "Pod", true, List.of("po")),
            new Resource("v1", "events", "Event", true, List.of("ev")),
            new Resource("v1", "configmaps", "ConfigMap", true, List.of("cm")),
            new Resource("v1", "secrets", "Secret", true, List.of()),
            new Resource("v1", "services", "Service", true, List.of("svc")),
            new Resource("v1", "serviceaccounts", "ServiceAccount", true, List.of("sa")),
            new Resource("coordination.k8s.io/v1", "leases", "Lease", true, List.of()),
            new Resource("events.k8s.io/v1", "events", "Event", true, List.of("ev")),
            new Resource(
                    CRD_GROUP_VERSION, "customresourcedefinitions", "CustomResourceDefinition", false, List.of("crd")));

    private final Supplier<Iterable<JsonNode>> definitions;

    Discovery(Supplier<Iterable<JsonNode>> definitions) {
        this.definitions = definitions;
    }

    /// A resource type.
    record Resource(String groupVersion, String plural, String kind, boolean namespaced, List<String> shortNames) {
        String group() {
            int slash = groupVersion.indexOf('/');
            return slash < 0 ? "" : groupVersion.substring(0, slash);
        }

        String version() {
            return groupVersion.substring(groupVersion.indexOf('/') + 1);
        }

        String prefix() {
            return (group().isEmpty() ? "/api/" : "/apis/") + groupVersion;
        }
    }

    /// The answer for a path of discovery, health or version; empty for paths of objects.
    Optional<MockResponse> answer(String path) {
        JsonNode body = switch (path) {
            case "/healthz", "/readyz", "/livez" -> json().textNode("ok");
            case "/version" ->
                json().objectNode()
                        .put("major", "1")
                        .put("minor", "32")
                        .put("gitVersion", "v1.32.0-lab")
                        .put("platform", "linux/amd64");
            case "/api" -> versions();
            case "/apis" -> groups();
            case "/openapi/v3" -> openApiPaths();
            default -> resourcesOrSchema(path);
        };
        return body.isMissingNode()
                ? Optional.empty()
                : Optional.of(new MockResponse().setResponseCode(200).setBody(Serialization.asJson(body)));
    }

    /// The resource type of the objects under `path`.
    Optional<Resource> resource(String path) {
        return resources().stream()
                .filter(resource -> path.matches(
                        resource.prefix() + "(/namespaces/[^/]+)?/" + resource.plural() + "(/[^/]+)?(/status)?"))
                .findFirst();
    }

    /// The columns of `kubectl get` after the name.
    List<Column> columns(String path) {
        Optional<Resource> resource = resource(path);
        if (resource.isEmpty()) {
            return List.of(Column.AGE);
        }
        return switch (resource.get().plural()) {
            case "nodes", "namespaces" -> List.of(new Column("Status", ".status.phase"), Column.AGE);
            case "pods" ->
                List.of(
                        new Column("Status", ".status.phase"),
                        new Column("Node", ".spec.nodeName"),
                        new Column("Networks", ".metadata.annotations['k8s.v1.cni.cncf.io/networks']"),
                        Column.AGE);
            case "events" ->
                List.of(
                        new Column("Type", ".type"),
                        new Column("Reason", ".reason"),
                        new Column("Object", ".involvedObject.name"),
                        new Column("Message", ".message"));
            default -> ofDefinition(resource.get());
        };
    }

    private List<Column> ofDefinition(Resource resource) {
        var columns = new ArrayList<Column>();
        for (JsonNode definition : definitions.get()) {
            if (definition.path("spec").path("names").path("plural").asText().equals(resource.plural())) {
                definition
                        .path("spec")
                        .path("versions")
                        .path(0)
                        .path("additionalPrinterColumns")
                        .forEach(column -> columns.add(new Column(
                                column.path("name").asText(),
                                column.path("jsonPath").asText())));
            }
        }
        return columns.isEmpty() ? List.of(Column.AGE) : columns;
    }

    private List<Resource> resources() {
        var all = new ArrayList<>(OWN);
        for (JsonNode definition : definitions.get()) {
            JsonNode spec = definition.path("spec");
            JsonNode names = spec.path("names");
            List<String> shortNames = StreamSupport.stream(
                            names.path("shortNames").spliterator(), false)
                    .map(JsonNode::asText)
                    .toList();
            spec.path("versions")
                    .forEach(version -> all.add(new Resource(
                            spec.path("group").asText() + "/"
                                    + version.path("name").asText(),
                            names.path("plural").asText(),
                            names.path("kind").asText(),
                            spec.path("scope").asText().equals("Namespaced"),
                            shortNames)));
        }
        return all;
    }

    private JsonNode versions() {
        ObjectNode versions = json().objectNode().put("kind", "APIVersions");
        versions.putArray("versions").add("v1");
        return versions;
    }

    private JsonNode groups() {
        ObjectNode list = json().objectNode().put("kind", "APIGroupList").put("apiVersion", "v1");
        ArrayNode groups = list.putArray("groups");
        for (String groupVersion : groupVersions()) {
            if (!groupVersion.contains("/")) {
                continue;
            }
            String group = groupVersion.substring(0, groupVersion.indexOf('/'));
            ObjectNode version = json().objectNode()
                    .put("groupVersion", groupVersion)
                    .put("version", groupVersion.substring(group.length() + 1));
            ObjectNode entry = groups.addObject().put("name", group);
            entry.putArray("versions").add(version);
            entry.set("preferredVersion", version);
        }
        return list;
    }

    private Set<String> groupVersions() {
        var all = new LinkedHashSet<String>();
        resources().forEach(resource -> all.add(resource.groupVersion()));
        return all;
    }

    private JsonNode resourcesOrSchema(String path) {
        for (String groupVersion : groupVersions()) {
            String prefix = (groupVersion.contains("/") ? "apis/" : "api/") + groupVersion;
            if (path.equals("/" + prefix)) {
                return resourceList(groupVersion);
            }
            if (path.equals("/openapi/v3/" + prefix)) {
                return schema(groupVersion);
            }
        }
        return json().missingNode();
    }

    private JsonNode resourceList(String groupVersion) {
        ObjectNode list = json().objectNode()
                .put("kind", "APIResourceList")
                .put("apiVersion", "v1")
                .put("groupVersion", groupVersion);
        ArrayNode resources = list.putArray("resources");
        for (Resource resource : resources()) {
            if (!resource.groupVersion().equals(groupVersion)) {
                continue;
            }
            ObjectNode entry = resources
                    .addObject()
                    .put("name", resource.plural())
                    .put("singularName", resource.kind().toLowerCase(Locale.ROOT))
                    .put("namespaced", resource.namespaced())
                    .put("kind", resource.kind());
            ArrayNode verbs = entry.putArray("verbs");
            List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
                    .forEach(verbs::add);
            ArrayNode shortNames = entry.putArray("shortNames");
            resource.shortNames().forEach(shortNames::add);
        }
        return list;
    }

    private JsonNode openApiPaths() {
        ObjectNode root = json().objectNode();
        ObjectNode paths = root.putObject("paths");
        for (String groupVersion : groupVersions()) {
            String prefix = (groupVersion.contains("/") ? "apis/" : "api/") + groupVersion;
            paths.putObject(prefix).put("serverRelativeURL", "/openapi/v3/" + prefix);
        }
        return root;
    }

    /// A minimal schema that makes kubectl leave validation to the server.
    private JsonNode schema(String groupVersion) {
        ObjectNode root = json().objectNode().put("openapi", "3.0.0");
        root.putObject("info").put("title", "lab").put("version", "v1");
        ObjectNode paths = root.putObject("paths");
        for (Resource resource : resources()) {
            if (!resource.groupVersion().equals(groupVersion)) {
                continue;
            }
            ObjectNode patch = paths.putObject(resource.prefix() + "/" + resource.plural() + "/{name}")
                    .putObject("patch");
            patch.putArray("parameters")
                    .addObject()
                    .put("name", "fieldValidation")
                    .put("in", "query");
            patch.putObject("x-kubernetes-group-version-kind")
                    .put("group", resource.group())
                    .put("version", resource.version())
                    .put("kind", resource.kind());
        }
        return root;
    }

    private static JsonNodeFactory json() {
        return JsonNodeFactory.instance;
    }
}
