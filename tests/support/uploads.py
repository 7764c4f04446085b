"""The uploads of a server that has a data folder and nothing else."""

from pathlib import Path

from styletransfer.service.clock import Clock
from styletransfer.service.folder import Folder
from styletransfer.service.records import Records
from styletransfer.service.uploads import Uploads


def uploads_in(folder: Path) -> Uploads:
    records = Records(Folder(folder))
    return Uploads(folder, 86400, records, Clock(records.notes("clock")))
