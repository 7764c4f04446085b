"""Everything the page needs of the service: the queue, the jobs, their files, and the uploads."""

import math
from pathlib import Path

from .clock import Clock
from .files import Files
from .folder import Folder
from .health import Health
from .job import Job
from .journal import Journal
from .keeper import Keeper
from .programs import Programs
from .queue import Queue
from .records import Records
from .room import Room
from .runs import Runs
from .shared_paintings import SharedPaintings
from .successors import Successors
from .uploads import Uploads


class Store:
    """The queue, the jobs, their files and the uploads of one server.

    Args:
        queue: the queue of jobs; those of an earlier server in the same data folder are put into it.
        data: the data folder; None: a temporary one, as in `Folder`.
        most: bytes that the data folder may have; by default as many as the disk has.

    Attributes:
        paintings: the paintings that are shared with a look.
        room: says whether there is room on the disk; whoever takes something in asks before.
        programs: starts the runs of programs.
        successors: paints several photos one after the other.
        journal: tells what becomes of jobs and requests.
        health: whether this server can paint.

    Raises:
        StyleTransferError: the data folder cannot be used.
    """

    def __init__(self, queue: Queue, data: Path | None = None, most: float = math.inf) -> None:
        self.queue = queue
        self.folder = folder = Folder(data)
        self.records = records = Records(folder)
        clock = Clock(records.notes("clock"))
        self.files = Files(folder.path / "jobs")
        self.uploads = Uploads(folder.path, queue.limits.keep_uploads, records, clock)
        self.room = Room(folder.path, queue, self.files, most)
        self.paintings = SharedPaintings(self.uploads, self.room, records.notes("paintings"))
        self.runs = Runs(queue, self.files, self.uploads, self.room)
        self._keeper = Keeper(queue, self.files, records, self.runs.counterpart_id, clock)
        self.programs = Programs(queue, self.runs, records.notes("keys"))
        queue.on_forgotten = self._forget
        for record in self._keeper.bring_back():
            self.runs.pair_again(record.id, record.counterpart)
        self.programs.tidy()
        self.journal = Journal(queue)
        self.health = Health(queue, self.room, folder.path)
        self._keeper.begin()
        self.successors = Successors(queue, self.runs, self.files, self.uploads)
        self.successors.take_back(queue.jobs())

    def close(self) -> None:
        """Writes what is not yet on the disk, and gives the data folder back to other servers."""
        self._keeper.close()
        self.records.close()

    def _forget(self, job: Job) -> None:
        self.runs.delete_files(job)
        self._keeper.forget(job)
        self.programs.forget(job)
