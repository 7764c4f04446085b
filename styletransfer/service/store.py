"""All that the page stands on: the line of jobs, the jobs in it, their files, and visitors' uploads."""

from .files import Files
from .queue import Queue
from .runs import Runs
from .uploads import Uploads


class Store:
    """Ties them together.

    Args:
        queue: the line of jobs.
    """

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.files = Files()
        self.uploads = Uploads(self.files.folder)
        self.runs = Runs(queue, self.files, self.uploads)
