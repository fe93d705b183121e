"""The schema, as SQL text with numbered migrations.

Migration n takes a file from version n to n + 1 (``PRAGMA user_version``). A migration that has been released is never
edited; the next change is a new one at the end.
"""

from __future__ import annotations

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE feeds (
        url           TEXT PRIMARY KEY,              -- as the user's list names it
        current_url   TEXT NOT NULL DEFAULT '',      -- where permanent redirects lead, '' if nowhere else
        title         TEXT NOT NULL DEFAULT '',
        language      TEXT NOT NULL DEFAULT '',
        etag          TEXT NOT NULL DEFAULT '',      -- both saved even when the body is unchanged
        last_modified TEXT NOT NULL DEFAULT '',
        last_fetched  TEXT NOT NULL,                 -- ISO 8601, UTC, as every time in this file
        last_outcome  TEXT NOT NULL
    ) STRICT;

    CREATE TABLE entries (
        id            TEXT PRIMARY KEY,              -- hash of the normalised link: fetched once, whoever names it
        feed_url      TEXT NOT NULL,
        link          TEXT NOT NULL,
        digest        TEXT NOT NULL,                 -- of what the feed says; a changed one means a revision
        entry         TEXT NOT NULL,                 -- what the feed says, as JSON: a pending one can be finished
        state         TEXT NOT NULL CHECK (state IN ('pending', 'done')),
        outcome       TEXT NOT NULL DEFAULT '',
        n_tries       INTEGER NOT NULL DEFAULT 0,
        etag          TEXT NOT NULL DEFAULT '',      -- of the page
        last_modified TEXT NOT NULL DEFAULT '',
        article_id    TEXT NOT NULL DEFAULT '',
        last_seen     TEXT NOT NULL
    ) STRICT;
    CREATE INDEX entries_by_feed ON entries (feed_url);
    CREATE INDEX entries_by_article ON entries (article_id);
    CREATE INDEX entries_pending ON entries (state) WHERE state = 'pending';

    CREATE TABLE articles (
        id            TEXT PRIMARY KEY,
        revision      INTEGER NOT NULL,              -- from 1; older ones are in revisions
        source        TEXT NOT NULL,
        first_seen    TEXT NOT NULL,                 -- of its first revision
        last_seen     TEXT NOT NULL,
        article       TEXT NOT NULL                  -- as fetched, as JSON
    ) STRICT;
    CREATE INDEX articles_by_first_seen ON articles (first_seen);
    CREATE INDEX articles_by_source ON articles (source);

    CREATE TABLE revisions (
        article_id    TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
        revision      INTEGER NOT NULL,
        replaced      TEXT NOT NULL,
        article       TEXT NOT NULL,
        PRIMARY KEY (article_id, revision)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE sketches (
        article_id    TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
        made_with     TEXT NOT NULL,                 -- every setting a sketch depends on; never mixed
        shingles      BLOB NOT NULL,                 -- uint64, little endian
        signature     BLOB NOT NULL,                 -- uint32
        fingerprints  BLOB NOT NULL,                 -- uint64
        PRIMARY KEY (article_id, made_with)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE runs (
        id            INTEGER PRIMARY KEY,
        started       TEXT NOT NULL,
        finished      TEXT,                          -- NULL: it was cut off
        counts        TEXT NOT NULL DEFAULT '{}'     -- outcomes, as JSON
    ) STRICT;
    """,
    """
    CREATE TABLE vectors (
        key           TEXT PRIMARY KEY,              -- hash of the sentences, and of the encoder's name
        n_sentences   INTEGER NOT NULL,
        vectors       BLOB NOT NULL,                 -- float16, little endian, one row a sentence
        last_used     TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    """,
    """
    ALTER TABLE feeds ADD COLUMN not_before TEXT NOT NULL DEFAULT '';     -- when it is due; '' for at once
    ALTER TABLE feeds ADD COLUMN n_failures INTEGER NOT NULL DEFAULT 0;   -- in a row
    ALTER TABLE feeds ADD COLUMN last_new TEXT NOT NULL DEFAULT '';       -- when it brought something new last
    ALTER TABLE feeds ADD COLUMN last_full TEXT NOT NULL DEFAULT '';      -- when it was asked without conditions last
    ALTER TABLE entries ADD COLUMN first_seen TEXT NOT NULL DEFAULT '';

    CREATE TABLE feed_items (
        feed_url      TEXT NOT NULL,
        digest        TEXT NOT NULL,                 -- of <item> ... </item>, or 'id ' and the entry's id
        entry_id      TEXT NOT NULL,
        PRIMARY KEY (feed_url, digest)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE hosts (
        host          TEXT PRIMARY KEY,
        not_before    TEXT NOT NULL                  -- as its Retry-After asked for
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE robots (
        origin        TEXT PRIMARY KEY,              -- https://example.org
        body          BLOB NOT NULL,
        etag          TEXT NOT NULL,
        last_modified TEXT NOT NULL,
        fetched       TEXT NOT NULL                  -- a day later it is asked for again
    ) STRICT, WITHOUT ROWID;
    """,
    """
    ALTER TABLE sketches ADD COLUMN content TEXT NOT NULL DEFAULT '';  -- hash of the text it was made of
    ALTER TABLE entries ADD COLUMN last_tried TEXT NOT NULL DEFAULT '';
    CREATE INDEX articles_by_last_seen ON articles (last_seen);

    CREATE TABLE verdicts (                          -- on pairs, matches or not; no text, only places in it
        a             TEXT NOT NULL,                 -- article ids, a < b
        b             TEXT NOT NULL,
        key_a         INTEGER NOT NULL,              -- hash of all that the verdict depends on, on either side
        key_b         INTEGER NOT NULL,
        kind          TEXT NOT NULL,                 -- '': no match
        probability   REAL NOT NULL,
        passages      BLOB NOT NULL,                 -- int32, little endian, four characters' places each
        PRIMARY KEY (a, b)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE readings (                          -- what was read in one article, whatever else there is
        article_id    TEXT PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
        key           TEXT NOT NULL,                 -- hash of all that the reading depends on
        reading       TEXT NOT NULL                  -- JSON
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE clusters (
        id            TEXT PRIMARY KEY,
        founded       TEXT NOT NULL,
        merged_into   TEXT NOT NULL DEFAULT ''
    ) STRICT;

    CREATE TABLE cluster_articles (
        cluster_id    TEXT NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
        article_id    TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
        joined        TEXT NOT NULL,
        PRIMARY KEY (cluster_id, article_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX cluster_articles_by_article ON cluster_articles (article_id);

    CREATE TABLE cluster_history (
        id            INTEGER PRIMARY KEY,
        at            TEXT NOT NULL,
        cluster_id    TEXT NOT NULL,
        event         TEXT NOT NULL CHECK (event IN ('founded', 'grew', 'shrank', 'merged')),
        n_articles    INTEGER NOT NULL,              -- after it
        other         TEXT NOT NULL DEFAULT ''       -- the cluster it merged into
    ) STRICT;
    CREATE INDEX cluster_history_by_cluster ON cluster_history (cluster_id);

    CREATE TABLE run_feeds (
        run           INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        feed_url      TEXT NOT NULL,
        outcome       TEXT NOT NULL,
        entries       TEXT NOT NULL,                 -- outcomes of its entries, as JSON
        problem       TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (run, feed_url)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE notes (
        key           TEXT PRIMARY KEY,
        value         TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    """,
    """
    ALTER TABLE sketches ADD COLUMN triples BLOB;    -- uint64 of the whole text; NULL: not kept
    -- from here on articles.last_seen is when it was stored or revised last; its entries tell when a feed carried it
    """,
)
