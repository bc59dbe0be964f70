package io.multinic.agent.config;

import io.multinic.agent.attach.AttachmentService;
import io.multinic.agent.cni.CniHandler;
import io.multinic.agent.cni.CniSocket;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/// Cleans up after a crash, then opens the CNI socket; closes it before anything that it needs.
final class CniServer implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(CniServer.class);

    private final AgentProperties properties;
    private final CniHandler handler;
    private final AttachmentService attachments;
    private @Nullable CniSocket socket;

    CniServer(AgentProperties properties, CniHandler handler, AttachmentService attachments) {
        this.properties = properties;
        this.handler = handler;
        this.attachments = attachments;
    }

    @Override
    public synchronized void start() {
        attachments.recover();
        socket = CniSocket.open(properties.socket(), handler, properties.shutdownGrace());
        log.atInfo()
                .setMessage("serving CNI")
                .addKeyValue("socket", properties.socket())
                .log();
    }

    @Override
    public synchronized void stop() {
        CniSocket open = socket;
        if (open != null) {
            open.close();
        }
        socket = null;
    }

    @Override
    public synchronized boolean isRunning() {
        return socket != null;
    }

    /// The last to start and the first to stop, but for the CNI binary, which needs it.
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE - 1;
    }
}
