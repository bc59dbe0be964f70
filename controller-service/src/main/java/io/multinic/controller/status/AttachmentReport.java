package io.multinic.controller.status;

import java.util.List;

/// Problems with the NetworkAttachmentDefinitions of a network; each names namespace and remedy.
public record AttachmentReport(List<String> problems) {
    public static final AttachmentReport COMPLETE = new AttachmentReport(List.of());

    public AttachmentReport {
        problems = List.copyOf(problems);
    }
}
