package io.multinic.agent.cni;

import io.multinic.agent.attach.CallLimits;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/// `POST /cni`: the CNI environment in headers, stdin as the body.
final class CniServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    /// The binary has the same limit.
    private static final int CONFIG_MAX = 1 << 20;

    private final transient CniHandler handler;
    private final transient CallLimits limits;
    private final transient AtomicInteger underWay = new AtomicInteger();

    CniServlet(CniHandler handler, CallLimits limits) {
        this.handler = handler;
        this.limits = limits;
    }

    int underWay() {
        return underWay.get();
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        underWay.incrementAndGet();
        try {
            CniReply reply = reply(request);
            byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
            response.setStatus(reply.status());
            response.setContentType("application/json");
            response.setContentLength(body.length);
            response.getOutputStream().write(body);
        } finally {
            underWay.decrementAndGet();
        }
    }

    private CniReply reply(HttpServletRequest request) throws IOException {
        if (request.getContentLengthLong() > CONFIG_MAX) {
            return handler.tooLarge(CONFIG_MAX);
        }
        byte[] stdin = request.getInputStream().readNBytes(CONFIG_MAX + 1);
        return stdin.length > CONFIG_MAX
                ? handler.tooLarge(CONFIG_MAX)
                : handler.handle(request::getHeader, stdin, limits::execute);
    }
}
