"""The embedded log's file: its tables, its version, how it is opened, and what SQLite's errors mean to a worker."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

from streams.errors import EngineAwayError, EngineError

SCHEMA_VERSION = 1
"""Counts up when older code can no longer read the file. Kept in `PRAGMA user_version`."""

APPLICATION_ID = 0x4D415253
"""`MARS`, kept in `PRAGMA application_id`, so that another program's database is not taken for a log."""

BUSY_TIMEOUT = timedelta(seconds=5)
"""How long to wait for another process's transaction; those last milliseconds."""

_TABLES = """
CREATE TABLE topics (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL, retention_ms INTEGER NOT NULL
);
CREATE TABLE partitions (
    topic INTEGER NOT NULL REFERENCES topics (id), number INTEGER NOT NULL,
    first INTEGER NOT NULL DEFAULT 0, next INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (topic, number)
) WITHOUT ROWID;
CREATE TABLE records (
    id INTEGER PRIMARY KEY, topic INTEGER NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
    at_ms INTEGER NOT NULL, key BLOB, value BLOB
);
CREATE UNIQUE INDEX records_in_order ON records (topic, partition, offset);
CREATE TABLE groups (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, seen_ms INTEGER NOT NULL);
CREATE TABLE commits (
    consumer INTEGER NOT NULL REFERENCES groups (id), topic INTEGER NOT NULL, partition INTEGER NOT NULL,
    offset INTEGER NOT NULL, PRIMARY KEY (consumer, topic, partition)
) WITHOUT ROWID;
"""

_IDENTITY = """
CREATE TABLE IF NOT EXISTS identity (only INTEGER PRIMARY KEY CHECK (only = 1), id TEXT NOT NULL);
INSERT OR IGNORE INTO identity VALUES (1, lower(hex(randomblob(16))))
"""
"""Made apart from the others, for files that were made without it."""

_AWAY = {
    sqlite3.SQLITE_FULL: "the disk is full; free some space, and work goes on by itself",
    sqlite3.SQLITE_BUSY: "another process keeps it locked",
    sqlite3.SQLITE_LOCKED: "another process keeps it locked",
    sqlite3.SQLITE_IOERR: "the disk answers with errors",
    sqlite3.SQLITE_READONLY: "it cannot be written; see whom it and its folder belong to, and if the disk takes any",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; see whom it and its folder belong to, and that it is a file",
}
_PRIMARY_CODE = 0xFF  # SQLite's extended error codes carry the primary one in their low byte


def engine_error(error: sqlite3.Error, path: Path) -> EngineError:
    """What went wrong with the log, in words for an operator; EngineAwayError where waiting may help."""
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
    if code in _AWAY:
        return EngineAwayError(f"the log {path}: {_AWAY[code]}")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return damaged(path, str(error))
    return EngineError(f"the log {path}: {error}")


def damaged(path: Path, detail: str) -> EngineError:
    """The file is not what was written."""
    return EngineError(
        f"the log {path} is damaged ({detail}); move it and its -wal file away and start again with an empty one, "
        f"or restore a copy; `sqlite3 {path} .recover` saves what can be read"
    )


def connect(
    path: Path, *, writing: bool, max_pages: int | None = None, busy: timedelta = BUSY_TIMEOUT
) -> sqlite3.Connection:
    """A connection to an existing log, for use in any one thread at a time."""
    seconds = busy.total_seconds()
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=seconds)
    if writing:
        # FULL: a commit has reached the disk when it returns, which is what an acknowledged record means.
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA journal_size_limit=67108864")
        if max_pages is not None:
            connection.execute(f"PRAGMA max_page_count={max_pages}")
    else:
        connection.execute("PRAGMA query_only=ON")
    return connection


def prepare(path: Path) -> None:
    """Create the log at `path`, or see that it is one this release can use.

    Raises:
        EngineError: another program's file, a later release's, damaged, or not to be opened.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EngineError(f"the log's folder {path.parent} cannot be made: {error.strerror}") from error
    try:
        connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT.total_seconds())
        try:
            _create_or_verify(connection, path)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise engine_error(error, path) from error


def quick_check(path: Path) -> None:
    """Read the whole file and see that its structure is sound; about a second for each gigabyte.

    Raises:
        EngineError: it is damaged.
    """
    try:
        connection = connect(path, writing=False)
        try:
            row = connection.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise engine_error(error, path) from error
    if row != ("ok",):
        raise damaged(path, str(row[0] if row else "no answer"))


def _create_or_verify(connection: sqlite3.Connection, path: Path) -> None:
    if _state(connection) == (0, 0, 0):
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("BEGIN IMMEDIATE")
        if _state(connection)[2] == 0:  # no other process was quicker
            for statement in _TABLES.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        connection.execute("COMMIT")
    application, version, _ = _state(connection)
    if application != APPLICATION_ID:
        raise EngineError(f"{path} is the database of another program; give the log a file of its own")
    if version > SCHEMA_VERSION:
        raise EngineError(
            f"the log {path} has schema {version}, this release reads up to {SCHEMA_VERSION}; "
            "it was written by a later Marsad: use that, or give this one another file"
        )
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'identity'").fetchone() is None:
        connection.execute("BEGIN IMMEDIATE")
        for statement in _IDENTITY.split(";"):
            connection.execute(statement)
        connection.execute("COMMIT")


def _state(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Application id, schema version, number of tables and indices."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (objects,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return application, version, objects
