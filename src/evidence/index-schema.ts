/** Raised with every change of the tables below: a file of another version is thrown away and made anew from the recordings. */
export const INDEX_VERSION = 2

/**
 * Times are microseconds since 1970. A text and the facts of a statement are kept once however often they were sent; bound values are a text of their own, `bound`.
 * `words` finds parts of texts. `marks` tells where in a recording every so many lines begin, so that a page of a huge one is read from its place.
 */
export const INDEX_SCHEMA = `
  CREATE TABLE recordings (
    id INTEGER PRIMARY KEY, session TEXT NOT NULL UNIQUE, person TEXT NOT NULL, target TEXT NOT NULL, db TEXT NOT NULL, account TEXT NOT NULL,
    address TEXT NOT NULL, started INTEGER NOT NULL, bytes INTEGER NOT NULL, lines INTEGER NOT NULL, last TEXT, doubted INTEGER NOT NULL,
    ended INTEGER, reason TEXT, done INTEGER NOT NULL, stamp TEXT
  ) STRICT;
  CREATE INDEX recordings_person ON recordings (person);
  CREATE INDEX recordings_started ON recordings (started, session);
  CREATE TABLE marks (
    recording INTEGER NOT NULL, line INTEGER NOT NULL, offset INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (recording, line)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE texts (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, text TEXT NOT NULL) STRICT;
  CREATE VIRTUAL TABLE words USING fts5 (text, content = '', contentless_delete = 1, tokenize = 'trigram');
  CREATE TABLE facts (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, facts TEXT NOT NULL) STRICT;
  CREATE TABLE names (
    kind TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE, facts INTEGER NOT NULL, PRIMARY KEY (kind, name, facts)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE statements (
    recording INTEGER NOT NULL, number INTEGER NOT NULL, line INTEGER NOT NULL, at INTEGER NOT NULL, message TEXT NOT NULL, verdict TEXT NOT NULL,
    rules TEXT NOT NULL, policy TEXT NOT NULL, text INTEGER NOT NULL, facts INTEGER NOT NULL, bound INTEGER, approval TEXT, ruling TEXT, ruled_by TEXT,
    finish TEXT, sqlstate TEXT, rows INTEGER NOT NULL, masked INTEGER NOT NULL, ms REAL NOT NULL, PRIMARY KEY (recording, number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX statements_at ON statements (at);
  CREATE INDEX statements_text ON statements (text);
  CREATE INDEX statements_bound ON statements (bound) WHERE bound IS NOT NULL;
  CREATE INDEX statements_facts ON statements (facts);
  CREATE INDEX statements_approval ON statements (approval) WHERE approval IS NOT NULL;
  CREATE TABLE ledger (
    line INTEGER PRIMARY KEY, at INTEGER NOT NULL, written INTEGER NOT NULL, kind TEXT NOT NULL, outcome TEXT NOT NULL, by TEXT NOT NULL,
    origin TEXT NOT NULL, resource TEXT NOT NULL, node TEXT NOT NULL, detail TEXT NOT NULL
  ) STRICT;
  CREATE INDEX ledger_at ON ledger (at);
  CREATE INDEX ledger_kind ON ledger (kind, line);
  CREATE INDEX ledger_by ON ledger (by, line);
  CREATE TABLE chain (only INTEGER PRIMARY KEY CHECK (only = 0), bytes INTEGER NOT NULL, lines INTEGER NOT NULL, last TEXT) STRICT;
  INSERT INTO chain VALUES (0, 0, 0, NULL);
`
