package io.multinic.agent.cni;

import io.multinic.agent.attach.AttachmentService;
import io.multinic.agent.attach.Failures;
import io.multinic.agent.attach.NetworkPlugin;
import io.multinic.agent.attach.plan.AttachmentResult;
import io.multinic.agent.attach.plan.DriverConfig;
import io.multinic.agent.attach.plan.ExecutedConfig;
import io.multinic.agent.metrics.AgentMetrics;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.ErrorKind;
import io.multinic.contract.error.MultiNicException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.Level;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// Executes a CNI call and returns its reply; errors are mapped to CNI errors here.
public final class CniHandler {
    private static final Logger log = LoggerFactory.getLogger(CniHandler.class);

    /// CNI spec 1.1, STATUS: the plugin cannot serve ADD now.
    private static final int STATUS_NOT_AVAILABLE = 50;

    private static final String IPAM_PLUGIN = "multi-nic-ipam";

    /// Key of the container id in log messages.
    private static final String CONTAINER = "containerId";

    /// Executes calls on this thread.
    private static final CallExecutor DIRECT = (_, call) -> call.get();

    private final AttachmentService attachments;
    private final AgentMetrics metrics;
    private final JsonMapper json = JsonMapper.builder().build();
    private final CniJson cniJson = new CniJson(json);

    public CniHandler(AttachmentService attachments, AgentMetrics metrics) {
        this.attachments = attachments;
        this.metrics = metrics;
    }

    /// Executes calls; may use another thread and limit the calls of a plugin.
    @FunctionalInterface
    interface CallExecutor {
        /// @param plugin that the call executes; empty for a built-in driver
        /// @return the answer of the call
        /// @throws MultiNicException that of the call; TRY_AGAIN_LATER if too many calls of the plugin run
        String execute(Optional<NetworkPlugin> plugin, Supplier<String> call);
    }

    /// Executes a call on this thread; see [#handle(Function, byte[], CallExecutor)].
    CniReply handle(Function<String, @Nullable String> headers, byte[] stdin) {
        return handle(headers, stdin, DIRECT);
    }

    /// @param headers the headers of the request, by name
    CniReply handle(Function<String, @Nullable String> headers, byte[] stdin, CallExecutor executor) {
        long begin = System.nanoTime();
        String command = String.valueOf(headers.apply("Cni-Command"));
        String containerId = String.valueOf(headers.apply("Cni-Containerid"));
        MDC.put(CONTAINER, containerId);
        try {
            var call = call(CniEnvironment.read(headers), stdin);
            var reply = CniReply.ok(executor.execute(call.plugin(), () -> call.execute(containerId)));
            metrics.cniCall(command, "ok", since(begin));
            return reply;
        } catch (MultiNicException e) {
            metrics.cniCall(command, e.code().name(), since(begin));
            return refused(command, e, stdin);
        } catch (RuntimeException e) {
            metrics.cniCall(command, ErrorCode.INTERNAL.name(), since(begin));
            log.atError()
                    .setMessage("CNI call failed")
                    .addKeyValue("command", command)
                    .setCause(e)
                    .log();
            return failure(
                    stdin,
                    ErrorCode.INTERNAL.kind(),
                    ErrorCode.INTERNAL.cniCode(),
                    "internal error of the multi-nic node agent; its log on this node says more",
                    "");
        } finally {
            MDC.remove(CONTAINER);
        }
    }

    private static Duration since(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /// A call after parsing.
    ///
    /// @param plugin that it executes; empty for a built-in driver
    private record Call(Optional<NetworkPlugin> plugin, Supplier<String> work) {
        String execute(String containerId) {
            MDC.put(CONTAINER, containerId);
            return work.get();
        }
    }

    private Call call(CniEnvironment environment, byte[] stdin) {
        return switch (environment.verb()) {
            case VERSION -> new Call(Optional.empty(), cniJson::versions);
            case ADD -> add(environment, stdin);
            case DEL -> delete(environment);
            case CHECK -> check(environment, stdin);
            case GC -> collectGarbage(environment, stdin);
            case STATUS -> status(environment, stdin);
        };
    }

    private Call add(CniEnvironment environment, byte[] stdin) {
        var config = config(environment, stdin);
        requireNotIpam(environment);
        var plugin = executedPlugin(environment, config).map(executed -> NetworkPlugin.of(config.name(), executed));
        return new Call(plugin, () -> add(environment, config));
    }

    private String add(CniEnvironment environment, NetworkConfig config) {
        var begin = System.nanoTime();
        var request = AttachRequests.of(environment, config);
        AttachmentResult result = attachments.attach(request);
        log.atInfo()
                .setMessage("attached")
                .addKeyValue("network", request.network())
                .addKeyValue("pod", request.pod())
                .addKeyValue("ifName", environment.ifName())
                .addKeyValue("addresses", addresses(result))
                .addKeyValue("millis", millis(since(begin)))
                .log();
        return cniJson.result(config.cniVersion(), config.previousResult().orElse(null), result);
    }

    private static List<String> addresses(AttachmentResult result) {
        return result.addresses().stream()
                .map(attached -> attached.address().toString())
                .toList();
    }

    private static String millis(Duration duration) {
        return String.format(Locale.ROOT, "%.2f", duration.toNanos() / 1e6);
    }

    private NetworkConfig config(CniEnvironment environment, byte[] stdin) {
        var config = NetworkConfig.read(stdin, json);
        CniVersions.requireSupported(config.cniVersion(), environment.verb());
        return config;
    }

    private static void requireNotIpam(CniEnvironment environment) {
        if (environment.plugin().equals(IPAM_PLUGIN)) {
            throw new MultiNicException(
                    ErrorCode.INVALID_NETWORK_CONFIG,
                    IPAM_PLUGIN + " as the IPAM of another plugin is not supported yet; use a network of type multi-nic"
                            + " with multiNICIPAM true");
        }
    }

    /// Uses the record and no configuration. As an IPAM plugin there is nothing to delete, since ADD is refused.
    private Call delete(CniEnvironment environment) {
        if (environment.plugin().equals(IPAM_PLUGIN)) {
            return new Call(Optional.empty(), () -> "");
        }
        return new Call(attachments.pluginOf(environment.key()), () -> {
            var begin = System.nanoTime();
            attachments.detach(environment.key(), environment.netns());
            log.atInfo()
                    .setMessage("detached")
                    .addKeyValue("pod", environment.pod())
                    .addKeyValue("ifName", environment.ifName())
                    .addKeyValue("millis", millis(since(begin)))
                    .log();
            return "";
        });
    }

    private Call check(CniEnvironment environment, byte[] stdin) {
        var config = config(environment, stdin);
        requireNotIpam(environment);
        return new Call(attachments.pluginOf(environment.key()), () -> {
            attachments.check(
                    environment.key(),
                    environment.netns(),
                    config.previousAddresses().orElse(null));
            return "";
        });
    }

    private Call collectGarbage(CniEnvironment environment, byte[] stdin) {
        var config = config(environment, stdin);
        var valid = config.validAttachments();
        var executed = executedPlugin(environment, config);
        var plugin = executed.map(found -> NetworkPlugin.of(config.name(), found))
                .or(() -> attachments.pluginOf(config.name()));
        return new Call(plugin, () -> {
            var failures = new Failures();
            var collected = attachments.collectGarbage(config.name(), valid, failures);
            executed.ifPresent(found -> failures.attempt(
                    "GC of CNI plugin " + found.type(),
                    () -> attachments.pluginVerbs().collectGarbage(found, config.name())));
            log.atInfo()
                    .setMessage("garbage collected")
                    .addKeyValue("network", config.name())
                    .addKeyValue("attachments", collected)
                    .log();
            failures.throwIfAny("garbage of network " + config.name() + " was not collected completely");
            return "";
        });
    }

    private Call status(CniEnvironment environment, byte[] stdin) {
        var config = config(environment, stdin);
        var executed = executedPlugin(environment, config);
        return new Call(executed.map(found -> NetworkPlugin.of(config.name(), found)), () -> {
            attachments.requireReady();
            executed.ifPresent(found -> attachments.pluginVerbs().requireReady(found, config.name()));
            return "";
        });
    }

    /// The plugin that the network executes; empty if its driver is built in, or if the configuration has no plugin.
    private static Optional<DriverConfig.Executed> executedPlugin(CniEnvironment environment, NetworkConfig config) {
        return config.hasPlugin()
                ? ExecutedConfig.ofNetwork(
                        AttachRequests.plugin(environment, config), AttachRequests.addressSource(config))
                : Optional.empty();
    }

    private CniReply refused(String command, MultiNicException e, byte[] stdin) {
        // Stack traces only for failures of the kernel or of the agent; other messages are complete.
        boolean unexpected = e.code() == ErrorCode.KERNEL_REFUSED || e.code() == ErrorCode.INTERNAL;
        log.atLevel(unexpected ? Level.ERROR : Level.WARN)
                .setMessage("CNI call refused")
                .addKeyValue("command", command)
                .addKeyValue("code", e.code())
                .addKeyValue("reason", e.getMessage())
                .setCause(unexpected ? e : null)
                .log();
        boolean notReady = command.equals(Verb.STATUS.name()) && e.code().kind() != ErrorKind.CALLER;
        return failure(
                stdin,
                e.code().kind(),
                notReady ? STATUS_NOT_AVAILABLE : e.code().cniCode(),
                e.getMessage(),
                e.code().name());
    }

    private CniReply failure(byte[] stdin, ErrorKind kind, int code, String message, String details) {
        int status = switch (kind) {
            case CALLER -> 400;
            case CAPACITY -> 409;
            case TRANSIENT -> 503;
            case INTERNAL -> 500;
        };
        return new CniReply(status, cniJson.error(versionOf(stdin), code, message, details));
    }

    private String versionOf(byte[] stdin) {
        try {
            return NetworkConfig.read(stdin, json).cniVersion();
        } catch (MultiNicException | JacksonException e) {
            return "";
        }
    }

    /// The reply to a configuration of more than `limit` bytes, which is not read.
    CniReply tooLarge(int limit) {
        return failure(
                new byte[0],
                ErrorKind.CALLER,
                ErrorCode.UNREADABLE_CONTENT.cniCode(),
                "the network configuration on stdin is larger than " + limit / 1024 + " KiB",
                ErrorCode.UNREADABLE_CONTENT.name());
    }
}
