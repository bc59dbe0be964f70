package io.multinic.agent.cni;

/// The reply to a CNI call: status 200 with the text to print, or another status with a CNI error.
record CniReply(int status, String body) {
    static CniReply ok(String body) {
        return new CniReply(200, body);
    }
}
