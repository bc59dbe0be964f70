package io.multinic.ipam.rest;

import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.AuditPage;
import io.multinic.contract.wire.Page;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpMethod;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/// Answers to list requests: a page of JSON, or all rows as CSV or NDJSON.
///
/// Rows are read in pages and written at once: memory does not grow with the number of rows, and no database
/// connection is held while a slow client reads. An error before the first row is a normal problem response. After
/// it, the connection is aborted, so that a partial answer is never mistaken for a complete one: the last chunk is
/// missing, and the final line of NDJSON.
@Component
public class RowStream {
    private static final Logger log = LoggerFactory.getLogger(RowStream.class);
    private static final int ROWS_AT_A_TIME = 1_000;

    private final JsonMapper json;

    RowStream(JsonMapper json) {
        this.json = json;
    }

    /// Parameters of a list request.
    record ListRequest(
            @Nullable String format,
            @Nullable Integer limit,
            String cursor,
            HttpServletRequest request,
            HttpServletResponse response) {}

    /// Source of pages below the id `before`.
    @FunctionalInterface
    interface Source<P> {
        P page(int limit, long before);
    }

    /// Error after a part of the rows was written. The container must abort the connection.
    public static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Broken(RuntimeException cause) {
            super(cause);
        }
    }

    /// @return the page; null if rows were written instead
    @Nullable
    AuditPage intervals(ListRequest listRequest, Source<AuditPage> source) {
        Function<AuditPage, Page<AllocationInterval>> rows = page -> new Page<>(page.items(), page.next());
        return answer(listRequest, source, rows, AuditPage::completeness, RowColumns.INTERVALS);
    }

    /// @return the page; null if rows were written instead
    @Nullable
    <T> Page<T> rows(ListRequest listRequest, Source<Page<T>> source, RowColumns<T> columns) {
        return answer(listRequest, source, Function.identity(), _ -> null, columns);
    }

    private <P, T> @Nullable P answer(
            ListRequest listRequest,
            Source<P> source,
            Function<P, Page<T>> rows,
            Function<P, @Nullable Object> completeness,
            RowColumns<T> columns) {
        RowFormat format = RowFormat.requested(listRequest.format(), listRequest.request());
        Integer limit = listRequest.limit() == null ? null : Params.requireLimit(listRequest.limit());
        long before = Params.requireSequenceCursor(listRequest.cursor());
        HttpServletResponse response = listRequest.response();
        if (format == RowFormat.JSON) {
            response.setContentType(format.type().toString()); // regardless of Accept
            return source.page(limit == null ? Integer.parseInt(Params.DEFAULT_LIMIT) : limit, before);
        }
        P first = source.page(limit == null ? ROWS_AT_A_TIME : limit, before);
        response.setContentType(format.type() + ";charset=UTF-8");
        if (HttpMethod.HEAD.matches(listRequest.request().getMethod())) {
            return null;
        }
        try {
            Writer writer = new OutputStreamWriter(response.getOutputStream(), StandardCharsets.UTF_8);
            Function<T, String> line = format == RowFormat.CSV ? row -> csv(columns, row) : this::json;
            if (format == RowFormat.CSV) {
                writer.write(Csv.line(
                        columns.columns().stream().map(RowColumns.Column::name).toList()));
            }
            Page<T> page = rows.apply(first);
            long written = write(writer, page, line);
            while (limit == null && page.next() != null) {
                page = rows.apply(source.page(ROWS_AT_A_TIME, Params.requireSequenceCursor(page.next())));
                written += write(writer, page, line);
            }
            if (format == RowFormat.NDJSON) {
                writer.write(json(end(written, page.next(), completeness.apply(first))));
            }
            writer.flush();
            return null;
        } catch (IOException e) {
            log.debug("client closed the row stream", e);
            return null;
        } catch (RuntimeException e) {
            throw new Broken(e);
        }
    }

    private static <T> long write(Writer writer, Page<T> page, Function<T, String> line) throws IOException {
        for (T row : page.items()) {
            writer.write(line.apply(row));
        }
        writer.flush();
        return page.items().size();
    }

    private static <T> String csv(RowColumns<T> columns, T row) {
        var cells = new ArrayList<@Nullable Object>();
        for (RowColumns.Column<T> column : columns.columns()) {
            cells.add(column.value().apply(row));
        }
        return Csv.line(cells);
    }

    private String json(Object row) {
        return json.writeValueAsString(row) + "\n";
    }

    /// Final line; without it the answer is incomplete.
    private static Map<String, Object> end(long rows, @Nullable String next, @Nullable Object completeness) {
        Map<String, Object> end = new LinkedHashMap<>();
        end.put("end", true);
        end.put("rows", rows);
        if (next != null) {
            end.put("next", next);
        }
        if (completeness != null) {
            end.put("completeness", completeness);
        }
        return end;
    }
}
