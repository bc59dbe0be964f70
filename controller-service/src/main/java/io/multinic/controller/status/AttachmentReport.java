package io.multinic.controller.status;

import java.util.List;

/// How far the NetworkAttachmentDefinitions of a network are as they should be; each problem names namespace and
/// remedy.
public record AttachmentReport(List<String> problems) {
    public static final AttachmentReport COMPLETE = new AttachmentReport(List.of());

    public AttachmentReport {
        problems = List.copyOf(problems);
    }
}
