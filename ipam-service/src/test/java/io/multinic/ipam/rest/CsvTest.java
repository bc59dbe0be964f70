package io.multinic.ipam.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvTest {
    private static String line(Object... cells) {
        return Csv.line(Arrays.asList(cells));
    }

    @Test
    void cellsAreQuotedWhereNeeded() {
        assertThat(line("a", null, 7, "", "b c")).isEqualTo("a,,7,,b c\r\n");
        assertThat(line("a,b", "say \"no\"", "two\nlines", "one\rmore"))
                .isEqualTo("\"a,b\",\"say \"\"no\"\"\",\"two\nlines\",\"one\rmore\"\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"=1+2", "+1", "-1", "@sum", "\tx", "\rx", "=cmd|' /c calc'!A1"})
    void cellsNeverStartAFormula(String text) {
        assertThat(line(text).replaceFirst("^\"", "")).startsWith("'" + text.charAt(0));
    }

    @Test
    void formulaCharactersInsideCellsAreKept() {
        assertThat(line("a=b", "1-2", "me@there")).isEqualTo("a=b,1-2,me@there\r\n");
    }
}
