"""Everything the page needs of the service: the queue, the jobs, their files, and the uploads."""

from .files import Files
from .queue import Queue
from .runs import Runs
from .uploads import Uploads


class Store:
    """The queue, the jobs, their files and the uploads of one server.

    Args:
        queue: the queue of jobs.
    """

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.files = Files()
        self.uploads = Uploads(self.files.folder, queue.limits.keep_uploads)
        self.runs = Runs(queue, self.files, self.uploads)
