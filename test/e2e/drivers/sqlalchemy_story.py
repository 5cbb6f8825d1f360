"""What SQLAlchemy asks by itself when it connects and looks at a table, and one query through it: one JSON line a step."""

import json
import os

import sqlalchemy as sa


def tell(step, got):
    print(json.dumps({"step": step, "got": got}), flush=True)


engine = sa.create_engine(f"postgresql+{os.environ['DIALECT']}://")
tell("version", sa.__version__)
with engine.connect() as db:
    tell("simple", db.execute(sa.text("SELECT 1")).scalar())
inspector = sa.inspect(engine)
tell("tables", sorted(inspector.get_table_names()))
cards = sa.Table("cards", sa.MetaData(), autoload_with=engine)
tell("columns", [column.name for column in cards.columns][:4])
tell("foreign", [key["referred_table"] for key in inspector.get_foreign_keys("cards")])
with engine.begin() as db:
    row = db.execute(sa.select(cards.c.pan, cards.c.cvv).where(cards.c.id == 1)).one()
    tell("masked", list(row))
engine.dispose()
