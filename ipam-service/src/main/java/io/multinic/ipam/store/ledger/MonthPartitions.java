package io.multinic.ipam.store.ledger;

import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The months of one table: made ahead, dropped behind. Months are those of UTC.
///
/// The table is `PARTITION BY RANGE` of one column of type timestamptz and has a default partition, named after it
/// with `_rest` behind. Every month is made like the default partition, with its constraints and indexes. Rows
/// that came before their month was made are in the default partition, and move when it is made.
///
/// All of it runs in the caller's transaction and waits for the table's readers: not longer than [#PATIENCE], since
/// other readers wait behind it. Then it fails with a DataAccessException, and can be tried again.
public final class MonthPartitions {
    private static final String PATIENCE = "500ms";
    private static final DateTimeFormatter SUFFIX = DateTimeFormatter.ofPattern("'_y'uuuu'm'MM");
    private static final int SUFFIX_LENGTH = "_y2026m11".length();

    private final JdbcClient jdbc;
    private final String table;
    private final String column;

    /// @param table must be a name that needs no quotes, as must `column`
    /// @param column by which the table is partitioned
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

    /// The months that there are, in their order.
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

    /// Makes those of these months that are missing, and those of the rows in the default partition.
    ///
    /// @return the ones that were made
    public List<YearMonth> ensure(Collection<YearMonth> months) {
        var missing = new TreeSet<>(months);
        missing.addAll(stray());
        missing.removeAll(list());
        if (!missing.isEmpty()) {
            setPatience();
            missing.forEach(this::make);
        }
        return List.copyOf(missing);
    }

    /// The months of the rows that had none.
    private List<YearMonth> stray() {
        return jdbc.sql("SELECT DISTINCT to_char(" + column + " AT TIME ZONE 'UTC', 'YYYY-MM') FROM " + table
                        + "_rest WHERE isfinite(" + column + ")")
                .query((row, number) -> YearMonth.parse(row.getString(1)))
                .list();
    }

    private void make(YearMonth month) {
        String partition = table + month.format(SUFFIX);
        String from = "'" + month + "-01 00:00:00+00'";
        String to = "'" + month.plusMonths(1) + "-01 00:00:00+00'";
        // Whoever writes now has chosen the default partition already and would be refused by it once the month is
        // there.
        execute("LOCK TABLE ONLY " + table + " IN SHARE ROW EXCLUSIVE MODE");
        // Attaching fails while the default partition has rows of the month: nobody may add one meanwhile.
        execute("LOCK TABLE " + table + "_rest IN ACCESS EXCLUSIVE MODE");
        execute("CREATE TABLE " + partition + " (LIKE " + table
                + "_rest INCLUDING ALL EXCLUDING IDENTITY EXCLUDING STATISTICS)");
        execute("WITH stray AS (DELETE FROM " + table + "_rest WHERE " + column + " >= " + from + " AND " + column
                + " < " + to + " RETURNING *) INSERT INTO " + partition + " SELECT * FROM stray");
        execute("ALTER TABLE " + table + " ATTACH PARTITION " + partition + " FOR VALUES FROM (" + from + ") TO (" + to
                + ")");
    }

    /// Drops the months that were over at this moment, with all they hold.
    ///
    /// @return the ones that were dropped
    public List<YearMonth> dropBefore(Instant moment) {
        YearMonth first = monthOf(moment);
        List<YearMonth> over =
                list().stream().filter(month -> month.isBefore(first)).toList();
        if (!over.isEmpty()) {
            setPatience();
            over.forEach(month -> execute("DROP TABLE " + table + month.format(SUFFIX)));
        }
        return over;
    }

    private void setPatience() {
        execute("SET LOCAL lock_timeout = '" + PATIENCE + "'");
    }

    private void execute(String sql) {
        jdbc.sql(sql).update();
    }
}
