import java.io.ByteArrayInputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLException;

/**
 * What an application does with pgjdbc: one JSON line a step, for the test to compare. Arguments: query mode and prepare threshold; the connection comes from
 * libpq's variables.
 */
class JdbcStory {
  static final String INSERT =
      "INSERT INTO customers (full_name, email, city, country) VALUES (?, ?, 'Oslo', 'NO')";
  static String mode;

  public static void main(String[] arguments) throws Exception {
    mode = arguments[0];
    try (Connection db = connect(arguments[0], arguments[1])) {
      tell("version", quoted(db.getMetaData().getDriverVersion()));
      tell("simple", one(db, "SELECT 1"));
      prepared(db);
      transactions(db);
      failures(db);
      masked(db);
      cursor(db);
      metadata(db);
      copies(db);
      held(db);
      tell("end", one(db, "SELECT 3"));
    }
  }

  static Connection connect(String mode, String threshold) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", System.getenv("PGUSER"));
    properties.setProperty("password", System.getenv("PGPASSWORD"));
    properties.setProperty("preferQueryMode", mode);
    properties.setProperty("prepareThreshold", threshold);
    properties.setProperty("sslmode", System.getenv("PGSSLMODE"));
    if (System.getenv("PGSSLROOTCERT") != null) {
      properties.setProperty("sslrootcert", System.getenv("PGSSLROOTCERT"));
    }
    String url = "jdbc:postgresql://" + System.getenv("PGHOST") + ":" + System.getenv("PGPORT") + "/" + System.getenv("PGDATABASE");
    return DriverManager.getConnection(url, properties);
  }

  static void prepared(Connection db) throws SQLException {
    List<String> names = new ArrayList<>();
    try (PreparedStatement byId = db.prepareStatement("SELECT full_name FROM customers WHERE id = ?")) {
      for (int at = 1; at <= 8; at++) {
        byId.setInt(1, at);
        try (ResultSet rows = byId.executeQuery()) {
          rows.next();
          names.add(quoted(rows.getString(1)));
        }
      }
    }
    tell("prepared", "[" + String.join(", ", names) + "]");
  }

  static void transactions(Connection db) throws SQLException {
    db.setAutoCommit(false);
    insert(db, "Ada", "kept");
    db.commit();
    try (PreparedStatement batch = db.prepareStatement(INSERT)) {
      for (String who : new String[] {"gone", "lost"}) {
        batch.setString(1, "Eve");
        batch.setString(2, who + "@" + mode + ".jdbc.test");
        batch.addBatch();
      }
      batch.executeBatch();
    }
    db.rollback();
    tell("transactions", one(db, "SELECT count(*) FROM customers WHERE email LIKE '%@" + mode + ".jdbc.test'"));
    db.commit();
    db.setAutoCommit(true);
  }

  static void insert(Connection db, String name, String email) throws SQLException {
    try (PreparedStatement insert = db.prepareStatement(INSERT)) {
      insert.setString(1, name);
      insert.setString(2, email + "@" + mode + ".jdbc.test");
      insert.executeUpdate();
    }
  }

  static void failures(Connection db) throws SQLException {
    tell("error", quoted(refusal(db, "SELECT 1/0").getSQLState()));
    db.setAutoCommit(false);
    refusal(db, "SELECT 1/0");
    tell("failed", quoted(refusal(db, "SELECT 1").getSQLState()));
    db.rollback();
    db.setAutoCommit(true);
    tell("after", one(db, "SELECT 2"));
  }

  /** From the fifth execution on the driver prepares at the server and asks for binary. */
  static void masked(Connection db) throws SQLException {
    try (PreparedStatement card = db.prepareStatement("SELECT pan, cvv, id FROM cards WHERE id = ?")) {
      for (int at = 1; at <= 7; at++) {
        card.setInt(1, 1);
        try (ResultSet rows = card.executeQuery()) {
          rows.next();
          if (at == 1) tell("masked", "[" + quoted(rows.getString(1)) + ", " + quoted(rows.getString(2)) + "]");
          if (at == 7) tell("masked-binary", "[" + quoted(rows.getString(1)) + ", " + quoted(rows.getString(2)) + "]");
        }
      }
    }
  }

  static void cursor(Connection db) throws SQLException {
    db.setAutoCommit(false);
    try (PreparedStatement all = db.prepareStatement("SELECT id FROM payments")) {
      all.setFetchSize(100);
      tell("cursor", count(all));
      all.setFetchSize(0);
      all.setMaxRows(10);
      tell("limit", count(all));
    }
    db.commit();
    db.setAutoCommit(true);
  }

  static String count(PreparedStatement statement) throws SQLException {
    int rows = 0;
    try (ResultSet set = statement.executeQuery()) {
      while (set.next()) rows++;
    }
    return String.valueOf(rows);
  }

  /** What graphical clients ask before they show anything. */
  static void metadata(Connection db) throws SQLException {
    int columns = 0;
    try (ResultSet rows = db.getMetaData().getColumns(null, "public", "cards", null)) {
      while (rows.next()) columns++;
    }
    tell("columns", String.valueOf(columns));
    String key = "";
    try (ResultSet rows = db.getMetaData().getPrimaryKeys(null, "public", "cards")) {
      while (rows.next()) key = rows.getString("COLUMN_NAME");
    }
    tell("key", quoted(key));
    int tables = 0;
    try (ResultSet rows = db.getMetaData().getTables(null, "public", "%", new String[] {"TABLE", "VIEW"})) {
      while (rows.next()) tables++;
    }
    tell("tables", String.valueOf(tables));
  }

  static void copies(Connection db) throws Exception {
    var copy = db.unwrap(PGConnection.class).getCopyAPI();
    StringWriter out = new StringWriter();
    copy.copyOut("COPY payments TO STDOUT", out);
    tell("copy-out", String.valueOf(out.toString().lines().count()));
    byte[] row = ("Bo\tcopied@" + mode + ".jdbc.test\tOslo\tNO\n").getBytes(StandardCharsets.UTF_8);
    tell("copy-in", String.valueOf(copy.copyIn("COPY customers (full_name, email, city, country) FROM STDIN", new ByteArrayInputStream(row))));
    try {
      copy.copyOut("COPY (SELECT pan FROM cards) TO STDOUT", out);
    } catch (PSQLException refused) {
      tell("copy-denied", quoted(refused.getSQLState()));
    }
  }

  static void held(Connection db) throws SQLException {
    try (Statement statement = db.createStatement()) {
      tell("approved", String.valueOf(statement.executeUpdate("UPDATE payments SET status = status")));
      boolean told = false;
      for (SQLWarning warning = statement.getWarnings(); warning != null; warning = warning.getNextWarning()) {
        told |= warning.getMessage().contains("this statement is held");
      }
      tell("told", String.valueOf(told));
    }
    PSQLException denied = refusal(db, "UPDATE customers SET city = city");
    tell("denied", "[" + quoted(denied.getSQLState()) + ", " + quoted(denied.getServerErrorMessage().getMessage()) + "]");
  }

  static String one(Connection db, String text) throws SQLException {
    try (Statement statement = db.createStatement(); ResultSet rows = statement.executeQuery(text)) {
      rows.next();
      return rows.getString(1);
    }
  }

  static PSQLException refusal(Connection db, String text) throws SQLException {
    try (Statement statement = db.createStatement()) {
      statement.execute(text);
    } catch (PSQLException refused) {
      return refused;
    }
    throw new IllegalStateException(text + " was not refused");
  }

  static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  static void tell(String step, String got) {
    System.out.println("{\"step\": \"" + step + "\", \"got\": " + got + "}");
  }
}
