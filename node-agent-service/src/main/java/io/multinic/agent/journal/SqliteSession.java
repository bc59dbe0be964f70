package io.multinic.agent.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection with its prepared statements, which are kept until it is closed. Not thread-safe.
final class SqliteSession implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SqliteSession.class);

    private final Connection connection;
    private final String begin;
    private final Map<String, PreparedStatement> statements = new HashMap<>();
    private final List<Runnable> afterCommit = new ArrayList<>();
    private boolean broken;

    /// @param begin statement that begins a transaction
    SqliteSession(Connection connection, String begin) {
        this.connection = connection;
        this.begin = begin;
    }

    /// An error of SQLite.
    static final class SqliteException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        SqliteException(SQLException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /// A row of a result; columns are numbered from 1.
    static final class Row {
        private final ResultSet results;

        private Row(ResultSet results) {
            this.results = results;
        }

        String text(int column) {
            String text = nullableText(column);
            if (text == null) {
                throw new IllegalStateException("column " + column + " is null");
            }
            return text;
        }

        @Nullable
        String nullableText(int column) {
            return get(column, ResultSet::getString);
        }

        long number(int column) {
            Long value = get(column, ResultSet::getLong);
            return value == null ? 0 : value;
        }

        /// A time, stored in microseconds since 1970.
        Instant time(int column) {
            return Instant.EPOCH.plus(number(column), ChronoUnit.MICROS);
        }

        byte[] bytes(int column) {
            byte[] value = get(column, ResultSet::getBytes);
            if (value == null) {
                throw new IllegalStateException("column " + column + " is null");
            }
            return value;
        }

        private interface Column<T> {
            @Nullable
            T read(ResultSet results, int column) throws SQLException;
        }

        private <T> @Nullable T get(int column, Column<T> reader) {
            try {
                return reader.read(results, column);
            } catch (SQLException e) {
                throw new SqliteException(e);
            }
        }
    }

    /// A time as it is stored.
    static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    /// Uses statements instead of `setAutoCommit`, with which the driver would start the next transaction at once and
    /// lock the file.
    <T> T transact(Function<SqliteSession, T> work) {
        afterCommit.clear();
        update(begin);
        boolean committed = false;
        T result;
        try {
            result = work.apply(this);
            update("COMMIT");
            committed = true;
        } finally {
            if (!committed) {
                rollBack();
            }
        }
        afterCommit.forEach(Runnable::run);
        return result;
    }

    /// Runs `action` once the present transaction is committed, before the next one begins.
    void afterCommit(Runnable action) {
        afterCommit.add(action);
    }

    /// Fails where SQLite has rolled back already, which it does after some errors, and where the connection is
    /// unusable.
    private void rollBack() {
        try {
            update("ROLLBACK");
        } catch (SqliteException e) {
            broken = true;
        }
    }

    /// True if the state of the connection is not known any more; it is then closed.
    boolean broken() {
        return broken;
    }

    /// Runs a statement and returns the number of changed rows.
    int update(String sql, @Nullable Object... arguments) {
        try {
            return prepare(sql, arguments).executeUpdate();
        } catch (SQLException e) {
            throw new SqliteException(e);
        }
    }

    <T> List<T> query(String sql, Function<Row, T> reader, @Nullable Object... arguments) {
        try (ResultSet results = prepare(sql, arguments).executeQuery()) {
            List<T> rows = new ArrayList<>();
            var row = new Row(results);
            while (results.next()) {
                rows.add(reader.apply(row));
            }
            return rows;
        } catch (SQLException e) {
            throw new SqliteException(e);
        }
    }

    /// Passes each row to `reader` as it is read, so that the result is never in memory as a whole.
    void forEach(String sql, Consumer<Row> reader, @Nullable Object... arguments) {
        try (ResultSet results = prepare(sql, arguments).executeQuery()) {
            var row = new Row(results);
            while (results.next()) {
                reader.accept(row);
            }
        } catch (SQLException e) {
            throw new SqliteException(e);
        }
    }

    /// The first row that `reader` accepts; later rows are not read.
    <T> Optional<T> first(String sql, Function<Row, Optional<T>> reader, @Nullable Object... arguments) {
        try (ResultSet results = prepare(sql, arguments).executeQuery()) {
            var row = new Row(results);
            Optional<T> found = Optional.empty();
            while (found.isEmpty() && results.next()) {
                found = reader.apply(row);
            }
            return found;
        } catch (SQLException e) {
            throw new SqliteException(e);
        }
    }

    private PreparedStatement prepare(String sql, @Nullable Object... arguments) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            statements.put(sql, statement);
        }
        for (int i = 0; i < arguments.length; i++) {
            statement.setObject(i + 1, arguments[i]);
        }
        return statement;
    }

    /// Closes the connection, which rolls back an open transaction. Closing a statement repeats the error that it ended
    /// with, so errors are not reported.
    @Override
    public void close() {
        statements.values().forEach(SqliteSession::closeQuietly);
        closeQuietly(connection);
    }

    private static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            log.debug("closing after an error of SQLite", e);
        }
    }
}
