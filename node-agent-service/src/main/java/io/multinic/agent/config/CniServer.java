package io.multinic.agent.config;

import io.multinic.agent.attach.AttachmentRecovery;
import io.multinic.agent.cni.CniHandler;
import io.multinic.agent.cni.CniSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens the CNI socket, and starts the recovery of attachments that a crash left incomplete, beside its calls.
record CniServer(AgentProperties properties, CniHandler handler, AttachmentRecovery recovery) {
    private static final Logger log = LoggerFactory.getLogger(CniServer.class);

    /// @return to be closed before anything that CNI calls use
    CniSocket open() {
        recovery.start();
        CniSocket socket = CniSocket.open(properties.socket(), handler, properties.shutdownGrace());
        log.atInfo().addKeyValue("socket", properties.socket()).log("serving CNI");
        return socket;
    }
}
