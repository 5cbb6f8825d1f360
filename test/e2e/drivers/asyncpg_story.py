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
        # An enumerated and an array type of the catalog: makes the driver read how they look in binary.
        tell("introspection", await db.fetchval("SELECT ARRAY[ROW(1, 'a')]::record[] IS NOT NULL"))
    # Handing it back sends the driver's own reset.
    async with pool.acquire() as db:
        db.add_log_listener(lambda _, notice: notices.append(notice.message))
        async with db.transaction():
            tell("cursor", len([row async for row in db.cursor("SELECT id FROM payments", prefetch=100)]))
            pointer = await db.cursor("SELECT id FROM payments ORDER BY id")
            await pointer.forward(10)
            tell("cursor-forward", [row["id"] for row in await pointer.fetch(2)])
        await copies(db)
        tell("approved", await db.execute("UPDATE payments SET status = status"))
        tell("told", any("this statement is held" in notice for notice in notices))
        tell("denied", await refusal(db.execute("UPDATE customers SET city = city")))
        tell("end", await db.fetchval("SELECT 3"))
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
