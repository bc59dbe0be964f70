package io.multinic.contract.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class ProblemTest {
    @ParameterizedTest
    @CsvSource({
        "404, NETWORK_UNKNOWN, NETWORK_UNKNOWN",
        "409, IN_USE,          IN_USE",
        "404, ,                TRY_AGAIN_LATER",
        "404, SOMETHING_NEW,   TRY_AGAIN_LATER",
        "401, NOT_AUTHENTICATED, TRY_AGAIN_LATER",
        "403, NOT_ALLOWED,     TRY_AGAIN_LATER",
        "403, ,                TRY_AGAIN_LATER",
        "503, TRY_AGAIN_LATER, TRY_AGAIN_LATER",
        "503, NETWORK_UNKNOWN, TRY_AGAIN_LATER",
        "400, INTERNAL,        TRY_AGAIN_LATER"
    })
    void onlyAnAnswerWithOneOfOurCodesIsARefusal(int status, String code, ErrorCode meaning) {
        assertThat(new Problem(code, null, null).meaning(status)).isEqualTo(meaning);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"title\":\"Conflict\",\"detail\":\"held by a\",\"status\":409,\"field\":\"x\"} | held by a",
                "{\"title\":\"Conflict\"} | Conflict",
                "{} |"
            })
    void textIsTheDetailElseTheTitle(String json, String text) {
        assertThat(JsonMapper.shared().readValue(json, Problem.class).text().orElse(null))
                .isEqualTo(text);
    }
}
