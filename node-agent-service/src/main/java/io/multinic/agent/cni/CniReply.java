package io.multinic.agent.cni;

/// What goes back over the socket: 200 and the text to print, or another status and a CNI error.
record CniReply(int status, String body) {
    static CniReply ok(String body) {
        return new CniReply(200, body);
    }
}
