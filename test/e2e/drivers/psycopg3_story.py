"""What an application does with psycopg 3, its pipeline included: one JSON line a step. The connection comes from libpq's environment."""

import json

import psycopg


def tell(step, got):
    print(json.dumps({"step": step, "got": got}), flush=True)


def refusal(run):
    try:
        run()
    except psycopg.Error as error:
        return [error.sqlstate, error.diag.message_primary or str(error)]
    return None


notices = []
db = psycopg.connect("", autocommit=True)
db.add_notice_handler(lambda diag: notices.append(diag.message_primary))


def one(text, values=None, **more):
    return db.execute(text, values, **more).fetchone()[0]


tell("version", psycopg.__version__)
tell("simple", one("SELECT 1"))
# Prepared on the server from the sixth time on.
tell("prepared", [one("SELECT full_name FROM customers WHERE id = %s", (at,)) for at in range(1, 9)])
tell("prepared-at-once", [one("SELECT %s::int + 1", (at,), prepare=True) for at in (1, 2)])

insert = "INSERT INTO customers (full_name, email, city, country) VALUES (%s, %s, 'Oslo', 'NO')"
with db.transaction():
    db.execute(insert, ("Ada", "kept@psycopg3.test"))
with db.transaction():
    db.execute(insert, ("Eve", "gone@psycopg3.test"))
    raise psycopg.Rollback()
tell("transactions", one("SELECT count(*) FROM customers WHERE email LIKE %s", ("%@psycopg3.test",)))

tell("error", refusal(lambda: db.execute("SELECT 1/0"))[0])


def fails_in_transaction():
    with db.transaction():
        refusal(lambda: db.execute("SELECT 1/0"))
        db.execute("SELECT 1")


tell("failed", refusal(fails_in_transaction)[0])
tell("after", one("SELECT 2"))

masked = "SELECT pan, cvv FROM cards WHERE id = %s"
tell("masked", list(db.execute(masked, (1,)).fetchone()))
tell("masked-binary", list(db.execute(masked, (1,), binary=True).fetchone()))

with db.transaction(), db.cursor("rows") as named:
    named.itersize = 100
    named.execute("SELECT id FROM payments")
    tell("cursor", sum(1 for _ in named))
    tell("cursor-scroll", refusal(lambda: named.scroll(0, mode="absolute")) or "moved")


def copied(text):
    with db.cursor().copy(text) as copy:
        return sum(bytes(block).count(b"\n") for block in copy)


tell("copy-out", copied("COPY payments TO STDOUT"))
with db.cursor() as cur:
    with cur.copy("COPY customers (full_name, email, city, country) FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(["text", "text", "text", "text"])
        copy.write_row(("Bo", "copied@psycopg3.test", "Oslo", "NO"))
    tell("copy-in", cur.rowcount)
tell("copy-denied", refusal(lambda: copied("COPY (SELECT pan FROM cards) TO STDOUT"))[0])

with db.pipeline():
    cursors = [db.execute("SELECT id, pan FROM cards WHERE id = %s", (at,)) for at in range(1, 21)]
tell("pipeline", all("*****" in cur.fetchone()[1] for cur in cursors))


def fails_in_pipeline():
    with db.pipeline():
        db.execute(insert, ("Eve", "first@psycopg3.test"))
        db.execute("SELECT 1/0")
        db.execute(insert, ("Eve", "third@psycopg3.test"))


tell("pipeline-error", refusal(fails_in_pipeline)[0])


def denied_in_pipeline():
    with db.pipeline():
        db.execute(insert, ("Eve", "fourth@psycopg3.test"))
        db.execute("SELECT pg_read_file('/etc/passwd')")
        db.execute(insert, ("Eve", "sixth@psycopg3.test"))


tell("pipeline-denied", refusal(denied_in_pipeline)[0])
tell("pipeline-after", one("SELECT count(*) FROM customers WHERE full_name = 'Eve'"))

tell("approved", db.execute("UPDATE payments SET status = status").rowcount)
tell("told", any("this statement is held" in notice for notice in notices))
tell("denied", refusal(lambda: db.execute("UPDATE customers SET city = city")))
tell("end", one("SELECT 3"))
db.close()
