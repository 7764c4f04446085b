"""How many jobs a queue accepts and keeps, and for how long."""

from dataclasses import dataclass

from .job import Job


@dataclass(frozen=True)
class Limits:
    """How many jobs a queue accepts and keeps, and for how long.

    Attributes:
        waiting: jobs that may wait in the queue, besides those that are painted.
        per_visitor: unfinished jobs that one browser may have.
        per_address: unfinished jobs that one network address may have, with all of its browsers.
        unattended: unfinished jobs of one address that go on although nobody watches them.
        photos: photos that one visitor may have painted one after the other, as a series.
        grace: seconds after which any other job that nobody watches is stopped.
        keep: seconds for which a job can still be found, counted from its end.
        keep_uploads: seconds for which uploads are kept, counted from when they were handed in.
        rest: seconds after which a run that has ended leaves the memory (`Run.rest`): longer than a page
            that shows it takes to ask for all of it.
        finished: finished jobs that are kept at once; beyond that the oldest are forgotten first. They
            take little memory; 2000 of 512 px have 8 GB on disk, and their records are read
            in a second or two when the server starts.
        finished_in_memory: the same for those that stay in memory, contact sheets.
        keep_brief, finished_brief: the same as `keep` and `finished` for jobs of programs, which do not
            take room from those of pages.
    """

    waiting: int = 20
    per_visitor: int = 5
    per_address: int = 10
    unattended: int = 2
    photos: int = 20
    grace: float = 300
    keep: float = 86400
    keep_uploads: float = 86400
    rest: float = 120
    finished: int = 2000
    finished_in_memory: int = 100
    keep_brief: float = 600
    finished_brief: int = 20

    def keep_of(self, job: Job) -> float:
        """For how many seconds after its end a job can be found."""
        return self.keep_brief if job.brief else self.keep

    def most_of(self, job: Job) -> int:
        """How many finished jobs like this one are kept."""
        if job.brief:
            return self.finished_brief
        return self.finished_in_memory if job.in_memory else self.finished
