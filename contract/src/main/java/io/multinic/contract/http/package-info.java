/// Client of a REST interface over the JDK's HTTP client, with one policy for deadlines, retries, tokens, TLS, sizes
/// and errors. Start with [ServiceClient].
@NullMarked
package io.multinic.contract.http;

import org.jspecify.annotations.NullMarked;
