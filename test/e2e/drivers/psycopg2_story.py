"""What an application does with psycopg2: one JSON line a step, for the test to compare. The connection comes from libpq's environment."""

import io
import json

import psycopg2


def tell(step, got):
    print(json.dumps({"step": step, "got": got}), flush=True)


def refusal(run):
    try:
        run()
    except psycopg2.Error as error:
        return [error.pgcode, error.diag.message_primary or str(error)]
    return None


db = psycopg2.connect("")
cur = db.cursor()


def one(text, values=None):
    cur.execute(text, values)
    return cur.fetchone()[0]


tell("version", psycopg2.__version__.split()[0])
tell("simple", one("SELECT 1"))
cur.execute("PREPARE by_id (int) AS SELECT full_name FROM customers WHERE id = $1")
tell("prepared", [one("EXECUTE by_id (%s)", (at,)) for at in range(1, 9)])
cur.execute("DEALLOCATE by_id")
db.commit()

insert = "INSERT INTO customers (full_name, email, city, country) VALUES (%s, %s, 'Oslo', 'NO')"
cur.execute(insert, ("Ada", "kept@psycopg2.test"))
db.commit()
cur.execute(insert, ("Eve", "gone@psycopg2.test"))
db.rollback()
tell("transactions", one("SELECT count(*) FROM customers WHERE email LIKE %s", ("%@psycopg2.test",)))

tell("error", refusal(lambda: cur.execute("SELECT 1/0"))[0])
tell("failed", refusal(lambda: cur.execute("SELECT 1"))[0])
db.rollback()
tell("after", one("SELECT 2"))

cur.execute("SELECT pan, cvv FROM cards WHERE id = %s", (1,))
tell("masked", list(cur.fetchone()))

named = db.cursor("rows")
named.itersize = 100
named.execute("SELECT id FROM payments")
tell("cursor", sum(1 for _ in named))
named.close()

out = io.StringIO()
cur.copy_expert("COPY payments TO STDOUT", out)
tell("copy-out", out.getvalue().count("\n"))
cur.copy_expert("COPY customers (full_name, email, city, country) FROM STDIN", io.StringIO("Bo\tcopied@psycopg2.test\tOslo\tNO\n"))
tell("copy-in", cur.rowcount)
tell("copy-denied", refusal(lambda: cur.copy_expert("COPY (SELECT pan FROM cards) TO STDOUT", out))[0])
db.rollback()

cur.execute("UPDATE payments SET status = status")
tell("approved", cur.rowcount)
db.commit()
tell("told", any("this statement is held" in notice for notice in db.notices))
tell("denied", refusal(lambda: cur.execute("UPDATE customers SET city = city")))
db.rollback()
tell("end", one("SELECT 3"))
db.close()
