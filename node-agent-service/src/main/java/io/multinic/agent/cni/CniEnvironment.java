package io.multinic.agent.cni;

import io.multinic.agent.journal.AttachmentKey;
import io.multinic.agent.kernel.LinkName;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.PodRef;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The validated CNI environment of a call.
///
/// @param plugin the name under which the binary was executed
/// @param netns empty if unset
/// @param args CNI_ARGS by key
/// @param rawArgs CNI_ARGS unparsed
/// @param path the directories of CNI_PATH
record CniEnvironment(
        Verb verb,
        String plugin,
        String containerId,
        String netns,
        String ifName,
        Map<String, String> args,
        String rawArgs,
        List<String> path) {
    private static final Pattern CONTAINER_ID = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.\\-]*");
    private static final String POD_NAMESPACE = "K8S_POD_NAMESPACE";
    private static final String POD_NAME = "K8S_POD_NAME";
    private static final String POD_UID = "K8S_POD_UID";

    CniEnvironment {
        args = Map.copyOf(args);
        path = List.copyOf(path);
    }

    /// Reads the environment from the headers of the request: one header for each variable, percent-encoded.
    ///
    /// @throws MultiNicException INVALID_ENVIRONMENT naming the variable
    static CniEnvironment read(Function<String, @Nullable String> headers) {
        var values = new Variables(headers);
        Verb verb = verb(values.get("Cni-Command"));
        String rawArgs = values.get("Cni-Args");
        var environment = new CniEnvironment(
                verb,
                values.get("Cni-Plugin"),
                values.get("Cni-Containerid"),
                values.get("Cni-Netns"),
                values.get("Cni-Ifname"),
                parseArgs(rawArgs),
                rawArgs,
                Arrays.stream(values.get("Cni-Path").split(":", -1))
                        .filter(directory -> !directory.isEmpty())
                        .toList());
        if (verb.concernsAttachment()) {
            environment.requireAttachment();
        }
        return environment;
    }

    private record Variables(Function<String, @Nullable String> headers) {
        String get(String header) {
            String value = headers.apply(header);
            return value == null ? "" : PercentEncoding.decode(header, value);
        }
    }

    private static Verb verb(String command) {
        return Arrays.stream(Verb.values())
                .filter(verb -> verb.name().equals(command))
                .findFirst()
                .orElseThrow(
                        () -> invalid("CNI_COMMAND '" + command + "' is not one of " + Arrays.toString(Verb.values())));
    }

    private static Map<String, String> parseArgs(String text) {
        Map<String, String> args = new LinkedHashMap<>();
        for (String pair : text.split(";", -1)) {
            int equals = pair.indexOf('=');
            if (pair.isEmpty()) {
                continue;
            }
            if (equals <= 0) {
                throw invalid("CNI_ARGS: '" + pair + "' is not of the form KEY=VALUE");
            }
            args.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return args;
    }

    private void requireAttachment() {
        requireLength("CNI_CONTAINERID", containerId);
        requireLength("CNI_ARGS: " + POD_NAMESPACE, pod().namespace());
        requireLength("CNI_ARGS: " + POD_NAME, pod().name());
        requireLength("CNI_ARGS: " + POD_UID, pod().uid());
        if (!CONTAINER_ID.matcher(containerId).matches()) {
            throw invalid("CNI_CONTAINERID '" + containerId
                    + "' must start with a letter or digit and go on with letters, digits, '_', '.' and '-'");
        }
        LinkName.fault(ifName).ifPresent(fault -> {
            throw invalid("CNI_IFNAME '" + ifName + "' cannot be the name of an interface: " + fault
                    + "; request a name of 1 to " + LinkName.MAX_BYTES + " bytes without '/', ':', '%' and space");
        });
        if (netns.isEmpty() && verb != Verb.DEL) {
            throw invalid("CNI_NETNS is missing");
        }
    }

    /// Limits are checked here, since an event that the ledger refuses blocks all later events.
    private static void requireLength(String what, String value) {
        if (value.length() > Allocation.MAX_TEXT) {
            throw invalid(
                    what + " has " + value.length() + " characters; at most " + Allocation.MAX_TEXT + " are allowed");
        }
    }

    private static MultiNicException invalid(String message) {
        return new MultiNicException(ErrorCode.INVALID_ENVIRONMENT, message);
    }

    AttachmentKey key() {
        return new AttachmentKey(containerId, ifName);
    }

    /// Empty names where the runtime is not Kubernetes.
    PodRef pod() {
        return new PodRef(
                args.getOrDefault(POD_NAMESPACE, ""), args.getOrDefault(POD_NAME, ""), args.getOrDefault(POD_UID, ""));
    }
}
