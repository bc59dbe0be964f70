package io.multinic.ipam.store.ledger;

import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.springframework.jdbc.core.simple.JdbcClient;

/// Monthly partitions of a table: created ahead, dropped after retention. Months are in UTC.
///
/// The table is `PARTITION BY RANGE` of a timestamptz column and has a default partition, whose name is that of the
/// table with `_rest` appended. A month's partition is created like the default partition, with its constraints and
/// indexes. Rows that arrive before their month's partition are in the default partition, and are moved when it is
/// created.
///
/// Everything runs in the caller's transaction and waits for readers of the table at most [#LOCK_TIMEOUT], since
/// other readers wait behind it. Then it fails with a DataAccessException and can be retried.
public final class MonthPartitions {
    private static final String LOCK_TIMEOUT = "500ms";
    private static final DateTimeFormatter SUFFIX = DateTimeFormatter.ofPattern("'_y'uuuu'm'MM");
    private static final int SUFFIX_LENGTH = "_y2026m11".length();

    private final JdbcClient jdbc;
    private final String table;
    private final String column;

    /// @param table a name that needs no quotes, as `column`
    /// @param column partition key
    public MonthPartitions(JdbcClient jdbc, String table, String column) {
        this.jdbc = jdbc;
        this.table = table;
        this.column = column;
    }

    public String table() {
        return table;
    }

    public static YearMonth monthOf(Instant moment) {
        return YearMonth.from(moment.atZone(ZoneOffset.UTC));
    }

    /// Existing months, in order.
    public List<YearMonth> list() {
        return jdbc.sql("""
                        SELECT part.relname FROM pg_inherits
                        JOIN pg_class AS part ON part.oid = inhrelid
                        WHERE inhparent = ?::regclass AND part.relname ~ (? || '_y[0-9]{4}m[0-9]{2}$')
                        ORDER BY part.relname""")
                .param(table)
                .param("^" + table)
                .query((row, number) -> month(row.getString(1)))
                .list();
    }

    private static YearMonth month(String partition) {
        return YearMonth.parse(partition.substring(partition.length() - SUFFIX_LENGTH), SUFFIX);
    }

    /// Creates the missing ones of these months, and those of the rows in the default partition.
    ///
    /// @return the created ones
    public List<YearMonth> ensure(Collection<YearMonth> months) {
        var missing = new TreeSet<>(months);
        missing.addAll(stray());
        missing.removeAll(list());
        if (!missing.isEmpty()) {
            setLockTimeout();
            missing.forEach(this::create);
        }
        return List.copyOf(missing);
    }

    /// Months of the rows in the default partition.
    private List<YearMonth> stray() {
        return jdbc.sql("SELECT DISTINCT to_char(" + column + " AT TIME ZONE 'UTC', 'YYYY-MM') FROM " + table
                        + "_rest WHERE isfinite(" + column + ")")
                .query((row, number) -> YearMonth.parse(row.getString(1)))
                .list();
    }

    private void create(YearMonth month) {
        String partition = table + month.format(SUFFIX);
        String from = "'" + month + "-01 00:00:00+00'";
        String to = "'" + month.plusMonths(1) + "-01 00:00:00+00'";
        // A concurrent writer that has chosen the default partition would be rejected by it once the month
        // exists.
        execute("LOCK TABLE ONLY " + table + " IN SHARE ROW EXCLUSIVE MODE");
        // Attaching fails while the default partition has rows of the month, so no row may be added now.
        execute("LOCK TABLE " + table + "_rest IN ACCESS EXCLUSIVE MODE");
        execute("CREATE TABLE " + partition + " (LIKE " + table
                + "_rest INCLUDING ALL EXCLUDING IDENTITY EXCLUDING STATISTICS)");
        execute("WITH stray AS (DELETE FROM " + table + "_rest WHERE " + column + " >= " + from + " AND " + column
                + " < " + to + " RETURNING *) INSERT INTO " + partition + " SELECT * FROM stray");
        execute("ALTER TABLE " + table + " ATTACH PARTITION " + partition + " FOR VALUES FROM (" + from + ") TO (" + to
                + ")");
    }

    /// Drops the months that had ended at this time, with their rows.
    ///
    /// @return the dropped ones
    public List<YearMonth> dropBefore(Instant moment) {
        YearMonth first = monthOf(moment);
        List<YearMonth> over =
                list().stream().filter(month -> month.isBefore(first)).toList();
        if (!over.isEmpty()) {
            setLockTimeout();
            over.forEach(month -> execute("DROP TABLE " + table + month.format(SUFFIX)));
        }
        return over;
    }

    private void setLockTimeout() {
        execute("SET LOCAL lock_timeout = '" + LOCK_TIMEOUT + "'");
    }

    private void execute(String sql) {
        jdbc.sql(sql).update();
    }
}
