package io.multinic.ipam.rest.strict;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.springframework.util.unit.DataSize;
import org.springframework.web.filter.OncePerRequestFilter;

/// Filter that limits the size of request bodies.
public final class BodyLimitFilter extends OncePerRequestFilter {
    /// Bytes read beyond the limit before the connection is closed, so that the client receives the response.
    private static final long DRAIN_LIMIT = DataSize.ofMegabytes(2).toBytes();

    private final DataSize limit;

    public BodyLimitFilter(DataSize limit) {
        this.limit = limit;
    }

    /// The body exceeds the limit.
    public static final class TooLarge extends IOException {
        private static final long serialVersionUID = 1L;

        TooLarge(DataSize limit) {
            super("the body has more than " + limit.toKilobytes() + " KiB; send less at once");
        }
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        chain.doFilter(new LimitedRequest(request, limit), response);
    }

    private static final class LimitedRequest extends HttpServletRequestWrapper {
        private final DataSize limit;

        LimitedRequest(HttpServletRequest request, DataSize limit) {
            super(request);
            this.limit = limit;
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            return new LimitedStream(super.getInputStream(), limit);
        }

        @Override
        public BufferedReader getReader() throws IOException {
            return new BufferedReader(new InputStreamReader(getInputStream(), StandardCharsets.UTF_8));
        }
    }

    private static final class LimitedStream extends ServletInputStream {
        private final ServletInputStream stream;
        private final DataSize limit;
        private long left;

        LimitedStream(ServletInputStream stream, DataSize limit) {
            this.stream = stream;
            this.limit = limit;
            this.left = limit.toBytes();
        }

        @Override
        public int read() throws IOException {
            int read = stream.read();
            count(read < 0 ? 0 : 1);
            return read;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = stream.read(buffer, offset, length);
            count(Math.max(read, 0));
            return read;
        }

        private void count(int read) throws IOException {
            left -= read;
            if (left < 0) {
                drain();
                throw new TooLarge(limit);
            }
        }

        /// Reads on, since a client that is still sending would find the connection closed, without a response.
        private void drain() throws IOException {
            var discarded = new byte[8_192];
            for (long remaining = DRAIN_LIMIT; remaining > 0; ) {
                int length = stream.read(discarded);
                if (length < 0) {
                    return;
                }
                remaining -= length;
            }
        }

        @Override
        public boolean isFinished() {
            return stream.isFinished();
        }

        @Override
        public boolean isReady() {
            return stream.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
            stream.setReadListener(listener);
        }
    }
}
