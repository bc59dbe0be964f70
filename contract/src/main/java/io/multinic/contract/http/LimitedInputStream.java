package io.multinic.contract.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/// The body of an answer, which fails when it is larger than allowed.
final class LimitedInputStream extends FilterInputStream {
    private final long limit;
    private long count;

    LimitedInputStream(InputStream body, long limit) {
        super(body);
        this.limit = limit;
    }

    @Override
    public int read() throws IOException {
        int octet = super.read();
        add(octet < 0 ? 0 : 1);
        return octet;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int read = super.read(buffer, offset, length);
        add(Math.max(0, read));
        return read;
    }

    private void add(int read) throws IOException {
        count += read;
        if (count > limit) {
            throw new IOException("it has more than " + limit + " bytes");
        }
    }

    /// Ends a read that waits in another thread, if there is a reason.
    void abort(@Nullable Throwable reason) {
        if (reason == null) {
            return;
        }
        try {
            close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
