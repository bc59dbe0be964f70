package io.multinic.agent.cni;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.util.List;

/// The supported versions of the CNI specification; they differ in the format of results and in their verbs.
final class CniVersions {
    static final List<String> SUPPORTED = List.of("0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0");
    static final String NEWEST = SUPPORTED.getLast();

    /// Version of a configuration without `cniVersion`.
    private static final String DEFAULT = "0.1.0";

    private CniVersions() {}

    /// @throws MultiNicException INCOMPATIBLE_CNI_VERSION, also where the version is too old for the verb
    static void requireSupported(String version, Verb verb) {
        String effective = version.isEmpty() ? DEFAULT : version;
        if (!SUPPORTED.contains(effective)) {
            throw new MultiNicException(
                    ErrorCode.INCOMPATIBLE_CNI_VERSION,
                    "cniVersion '" + effective + "' is not supported; use one of " + SUPPORTED);
        }
        String first = switch (verb) {
            case CHECK -> "0.4.0";
            case GC, STATUS -> "1.1.0";
            case ADD, DEL, VERSION -> SUPPORTED.getFirst();
        };
        if (!atLeast(effective, first)) {
            throw new MultiNicException(
                    ErrorCode.INCOMPATIBLE_CNI_VERSION,
                    "cniVersion " + effective + " has no " + verb + "; it needs " + first + " or newer");
        }
    }

    /// Both must be supported ones.
    static boolean atLeast(String version, String other) {
        return SUPPORTED.indexOf(version) >= SUPPORTED.indexOf(other);
    }
}
