"""What an application does with asyncpg, which speaks binary only: one JSON line a step. The connection comes from libpq's environment."""

import asyncio
import io
import json

import asyncpg


def tell(step, got):
    print(json.dumps({"step": step, "got": got}), flush=True)


async def refusal(awaitable):
    try:
        await awaitable
    except asyncpg.PostgresError as error:
        return [error.sqlstate, str(error)]
    return None


async def story():
    notices = []
    pool = await asyncpg.create_pool(min_size=1, max_size=1)
    async with pool.acquire() as db:
        tell("version", asyncpg.__version__)
        tell("simple", await db.fetchval("SELECT 1"))
        by_id = await db.prepare("SELECT full_name FROM customers WHERE id = $1")
        tell("prepared", [await by_id.fetchval(at) for at in range(1, 9)])
        await transactions(db)
        tell("error", (await refusal(db.fetch("SELECT 1/0")))[0])
        await fails(db)
        tell("after", await db.fetchval("SELECT 2"))
        tell("masked-binary", list(await db.fetchrow("SELECT pan, cvv FROM cards WHERE id = $1", 1)))
        card = 4111111111111111
        tell("found-binary", [await db.fetchval("SELECT $1::int8", card), await db.fetchval("SELECT $1::text[]", [str(card), "x"])])
        # A type that the driver does not know: it reads the catalog first.
        tell("introspection", (await db.fetchval("SELECT $1::information_schema.yes_or_no", "YES")))
    # Handing it back sends the driver's own reset.
    async with pool.acquire() as db:
        listener = lambda _, notice: notices.append(notice.message)
        db.add_log_listener(listener)
        async with db.transaction():
            tell("cursor", len([row async for row in db.cursor("SELECT id FROM payments", prefetch=100)]))
            pointer = await db.cursor("SELECT id FROM payments ORDER BY id")
            tell("cursor-fetch", [row["id"] for _ in range(3) for row in await pointer.fetch(2)])
            # A MOVE in SQL over a portal of the protocol.
            tell("cursor-forward", (await refusal(pointer.forward(10)))[0])
        await copies(db)
        tell("approved", await db.execute("UPDATE payments SET status = status"))
        tell("told", any("this statement is held" in notice for notice in notices))
        tell("denied", await refusal(db.execute("UPDATE customers SET city = city")))
        tell("end", await db.fetchval("SELECT 3"))
        db.remove_log_listener(listener)
    await pool.close()


INSERT = "INSERT INTO customers (full_name, email, city, country) VALUES ($1, $2, 'Oslo', 'NO')"


async def transactions(db):
    async with db.transaction():
        await db.execute(INSERT, "Ada", "kept@asyncpg.test")
    undone = db.transaction()
    await undone.start()
    await db.executemany(INSERT, [("Eve", "gone@asyncpg.test"), ("Eve", "lost@asyncpg.test")])
    await undone.rollback()
    tell("transactions", await db.fetchval("SELECT count(*) FROM customers WHERE email LIKE $1", "%@asyncpg.test"))


async def fails(db):
    undone = db.transaction()
    await undone.start()
    await refusal(db.fetch("SELECT 1/0"))
    tell("failed", (await refusal(db.fetch("SELECT 1")))[0])
    await undone.rollback()


async def copies(db):
    out = io.BytesIO()
    await db.copy_from_table("payments", output=out)
    tell("copy-out", out.getvalue().count(b"\n"))
    query = io.BytesIO()
    await db.copy_from_query("SELECT id, amount FROM payments WHERE id <= $1", 7, output=query)
    tell("copy-query", query.getvalue().count(b"\n"))
    rows = [("Bo", "copied@asyncpg.test", "Oslo", "NO")]
    columns = ["full_name", "email", "city", "country"]
    tell("copy-in", await db.copy_records_to_table("customers", records=rows, columns=columns))
    tell("copy-denied", (await refusal(db.copy_from_query("SELECT pan FROM cards", output=out)))[0])


asyncio.run(story())
