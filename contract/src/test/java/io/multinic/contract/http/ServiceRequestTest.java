package io.multinic.contract.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ServiceRequestTest {
    @Test
    void variablesArePercentEncoded() {
        assertThat(ServiceRequest.get("/nodes/{node}?uid={uid}", "a/b c", "x&y=ü")
                        .path())
                .isEqualTo("/nodes/a%2Fb%20c?uid=x%26y%3D%C3%BC");
        assertThat(ServiceRequest.delete("/nodes/{node}", "$1\\").path()).isEqualTo("/nodes/%241%5C");
    }

    @Test
    void numberOfVariablesMustFitTheTemplate() {
        assertThatThrownBy(() -> ServiceRequest.get("/nodes/{node}")).hasMessageContaining("too few");
        assertThatThrownBy(() -> ServiceRequest.get("/nodes", "a")).hasMessageContaining("too many");
    }

    @Test
    void longPollKeepsTheRest() {
        var put = ServiceRequest.put("body", "/x").longPoll(Duration.ofSeconds(9));
        assertThat(put).isEqualTo(new ServiceRequest(ServiceRequest.Method.PUT, "/x", "body", Duration.ofSeconds(9)));
    }
}
