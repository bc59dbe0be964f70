package io.multinic.contract.http;

import java.io.IOException;
import java.io.InputStream;

/// Port to the JSON library of the process, so that this module depends on none. An adapter is about ten lines:
///
/// ```java
/// public <T> T read(byte[] json, Class<T> type) throws IOException {
///     try {
///         return mapper.readValue(json, type);
///     } catch (JacksonException e) {
///         throw new IOException(e.getOriginalMessage(), e);
///     }
/// }
/// ```
public interface JsonCodec {
    byte[] write(Object value);

    /// Reads one value; for a list, `type` is an array.
    ///
    /// @throws IOException if `json` is not a `type`; the message says where
    <T> T read(byte[] json, Class<T> type) throws IOException;

    /// Reads one value from a stream to its end; an adapter that needs not collect the whole text overrides this.
    ///
    /// @throws IOException if the text is not a `type`; the message says where
    default <T> T read(InputStream json, Class<T> type) throws IOException {
        return read(json.readAllBytes(), type);
    }
}
