"""What is known about jobs, their links and the uploads, in an SQLite file that outlives the server."""

import json
import logging
import sqlite3
import threading
import weakref
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass, field, fields
from typing import Any

from ..errors import StyleTransferError
from .folder import Folder

_log = logging.getLogger(__name__)

_FILE = "records.sqlite3"
_VERSION = 1  # of the tables below
_TABLES = """
CREATE TABLE jobs (
  place INTEGER PRIMARY KEY,  -- the order in which they were started, and so the order of the line
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  visitor TEXT NOT NULL,
  entered REAL NOT NULL,
  ended REAL,
  steps INTEGER NOT NULL,
  counterpart TEXT,
  error TEXT NOT NULL,
  inputs TEXT NOT NULL,
  detail TEXT NOT NULL
);
CREATE TABLE shares (
  name TEXT PRIMARY KEY,
  job TEXT NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
  detail TEXT NOT NULL
);
CREATE TABLE notes (
  topic TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (topic, name)
);
"""


@dataclass
class Record:
    """What is known about a job.

    Attributes:
        id: the job's.
        kind: the name of its class.
        state: "waiting", "painting", "stopping", "done", "stopped" or "failed".
        visitor: who started it.
        entered: when it was started, by `clock.Clock`.
        ended: when it ended; None while it has not.
        steps: how many are painted of what is kept of it.
        counterpart: the id of the contact sheet of a picture, or of the picture of a sheet.
        error: why it failed, as `StyleTransferError.written`; empty if it did not.
        inputs: what was handed in: {"settings": ..., "files": ...}.
        detail: what else its class needs to be made again.
    """

    id: str
    kind: str
    state: str
    visitor: str
    entered: float
    ended: float | None = None
    steps: int = 0
    counterpart: str | None = None
    error: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)


_COLUMNS = [each.name for each in fields(Record)]
_NESTED = ("error", "inputs", "detail")  # columns that hold JSON
_UPSERT = (
    f"INSERT INTO jobs ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
    f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _COLUMNS[1:])}"
)


class Records:
    """The records of one data folder. May be used from any thread.

    Args:
        folder: where the file is, or is made if it does not exist. It stays locked as long as the file
            is open.

    Raises:
        StyleTransferError: the file was written by a newer version of this program, or is damaged.
    """

    def __init__(self, folder: Folder) -> None:
        file = folder.path / _FILE
        self._folder = folder
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
            self._closing = weakref.finalize(self, self._connection.close)
            self._set_up()
        except sqlite3.DatabaseError as error:
            raise StyleTransferError("records_unreadable", file=str(file), why=str(error)) from error
        if self._one("PRAGMA user_version") != _VERSION:
            raise StyleTransferError("records_of_other_version", file=str(file))

    def _set_up(self) -> None:
        # In WAL mode readers and the writer do not wait for each other. FULL, because a link that was
        # given away, or a picture that is said to be done, has to survive a loss of power, too; NORMAL
        # would lose the last seconds. There are a few writes a minute, so the waits do not count.
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
        if not self._one("PRAGMA user_version"):
            self._connection.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {_VERSION}; COMMIT;")

    def save(self, record: Record) -> None:
        """Writes what is known about a job in place of what was written before."""
        values = dict(zip(_COLUMNS, astuple(record), strict=True))
        values |= {name: json.dumps(values[name], default=str) for name in _NESTED}
        self.write(_UPSERT, list(values.values()))

    def jobs(self) -> list[Record]:
        """All jobs, in the order in which they were started."""
        rows = self.read(f"SELECT {', '.join(_COLUMNS)} FROM jobs ORDER BY place")
        records = [Record(*row) for row in rows]
        for record in records:
            for name in _NESTED:
                setattr(record, name, json.loads(getattr(record, name)))
        return records

    def delete(self, id: str) -> None:
        """Deletes what is known about a job, with its links."""
        self.write("DELETE FROM jobs WHERE id = ?", [id])

    def save_share(self, name: str, job_id: str, detail: dict[str, Any]) -> None:
        """Writes a link to a job's picture, which goes with the job.

        Raises:
            sqlite3.IntegrityError: there is no such job.
        """
        self.write("INSERT OR REPLACE INTO shares VALUES (?, ?, ?)", [name, job_id, json.dumps(detail)])

    def shares(self) -> list[tuple[str, str, dict[str, Any]]]:
        """All links: the name, the job's id, and what else there is to know."""
        rows = self.read("SELECT name, job, detail FROM shares")
        return [(name, job, json.loads(detail)) for name, job, detail in rows]

    def notes(self, topic: str) -> "Notes":
        """What is noted on this topic."""
        return Notes(self, topic)

    def close(self) -> None:
        """Closes the file, and gives the folder back."""
        with self._lock:
            self._closing()
        self._folder.close()

    def write(self, statement: str, values: Sequence[Any]) -> None:
        """Executes a statement, and returns once its effect is on the disk."""
        with self._lock:
            self._connection.execute(statement, values)

    def read(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """The rows that a query finds."""
        with self._lock, closing(self._connection.execute(query, values)) as cursor:
            return cursor.fetchall()

    def _one(self, query: str) -> Any:
        rows = self.read(query)
        return rows[0][0] if rows else None


class Notes(MutableMapping[str, Any]):
    """Values by name, kept in memory and written to the records at once. Values are what JSON can hold.

    What cannot be written, because the disk is full, is known until the server ends.

    Args:
        records: where they are written.
        topic: what they are about; each topic has names of its own.
    """

    def __init__(self, records: Records, topic: str) -> None:
        self._records, self._topic = records, topic
        rows = records.read("SELECT name, value FROM notes WHERE topic = ? ORDER BY rowid", [topic])
        self._values = {name: json.loads(value) for name, value in rows}

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._values[name] = value
        row = [self._topic, name, json.dumps(value)]
        self._write("INSERT OR REPLACE INTO notes VALUES (?, ?, ?)", row)

    def __delitem__(self, name: str) -> None:
        del self._values[name]
        self._write("DELETE FROM notes WHERE topic = ? AND name = ?", [self._topic, name])

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._values))  # a copy, because others may write meanwhile

    def __len__(self) -> int:
        return len(self._values)

    def _write(self, statement: str, values: Sequence[Any]) -> None:
        try:
            self._records.write(statement, values)
        except sqlite3.ProgrammingError:  # closed: the server is ending
            return
        except sqlite3.Error as error:
            _log.warning("cannot be written to the records: %s", error)
