package io.multinic.agent.config;

import io.multinic.agent.attach.AttachmentService;
import io.multinic.agent.cni.CniHandler;
import io.multinic.agent.cni.CniSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens the CNI socket, after attachments that a crash left incomplete were finished or undone.
record CniServer(AgentProperties properties, CniHandler handler, AttachmentService attachments) {
    private static final Logger log = LoggerFactory.getLogger(CniServer.class);

    /// @return to be closed before anything that CNI calls use
    CniSocket open() {
        attachments.recover();
        CniSocket socket = CniSocket.open(properties.socket(), handler, properties.shutdownGrace());
        log.atInfo().addKeyValue("socket", properties.socket()).log("serving CNI");
        return socket;
    }
}
