"""Paintings that visitors share with a look on purpose: each by a name that nobody can guess.

What is kept is a JPEG made anew, under the hash of its bytes, and it ages as uploads do. Whoever has the
name sees the painting. Whoever has the key, or handed the upload in, can take it back.
"""

import hashlib
import io
import re
import secrets
import threading
from collections.abc import Collection, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from ..errors import StyleTransferError
from ..pictures import STYLES
from . import decoding
from .durable import is_full, whole
from .inputs import wanted
from .room import Room
from .uploads import Uploads

_LARGEST = 2048  # long side in pixels; no painting is looked at any larger at usual sizes
_NAME = re.compile(r"[\w-]{16,64}", re.ASCII)


@dataclass(frozen=True)
class SharedPainting:
    """A painting that is shared.

    Attributes:
        name: the part of its address that nobody can guess.
        key: by which it can be taken back; for the browser alone that has shared it.
    """

    name: str
    key: str


class SharedPaintings:
    """Takes paintings in, finds them by their names, and takes them back.

    Args:
        uploads: whose folder they lie in, and with which they age.
        room: is asked before one is taken in.
        notes: where it is noted which name stands for which file.
    """

    def __init__(self, uploads: Uploads, room: Room, notes: MutableMapping[str, Any]) -> None:
        self._uploads, self._room = uploads, room
        self._notes = notes  # {"file": name of the file, "upload": path, "key": key} by name
        self._lock = threading.Lock()

    def share(self, upload: Any) -> SharedPainting:
        """Shares an upload, by the same name at every call.

        Args:
            upload: as `decoding.picture` takes it.

        Raises:
            StyleTransferError: it cannot be read, or the disk is full.
        """
        image = decoding.picture(upload, STYLES["style"], wanted("style")).image
        data = _encoded(image)
        file = self._uploads.shared / f"{hashlib.sha256(data).hexdigest()}.jpg"
        source = upload if isinstance(upload, str) else file.stem
        with self._lock:
            self._forget()
            if not file.exists():
                self._room.check(len(data))
                _write(data, file)
            self._uploads.renew(file)
            for name, note in self._notes.items():
                if (note["file"], note["upload"]) == (file.name, source):
                    return SharedPainting(name, note["key"])
            made = SharedPainting(secrets.token_urlsafe(16), secrets.token_urlsafe(16))
            self._notes[made.name] = {"file": file.name, "upload": source, "key": made.key}
            return made

    def find(self, name: Any) -> Path | None:
        """The painting of this name, as long as it is kept; None for whatever else stands in a link."""
        if not (isinstance(name, str) and _NAME.fullmatch(name)):
            return None
        note = self._notes.get(name)
        file = self._uploads.shared / note["file"] if note else None
        return file if file and file.is_file() else None

    def name_of(self, file: Any) -> str | None:
        """The name of the painting in this file, if it has come by a link; None for any other file."""
        if not self._uploads.is_shared(file):
            return None
        named = (name for name, note in self._notes.items() if note["file"] == Path(file).name)
        return next(named, None)

    def take_back(self, keys: Collection[Any], uploads: Collection[Any] = ()) -> None:
        """Deletes the paintings with these keys, and those that were shared from these uploads.

        A file stays if another visitor has shared the same painting.
        """
        with self._lock:
            for name, note in list(self._notes.items()):
                if note["key"] in keys or note["upload"] in uploads:
                    del self._notes[name]
                    self._delete(note["file"])

    def _delete(self, file: str) -> None:
        if not any(note["file"] == file for note in self._notes.values()):
            for copy in self._uploads.folder.glob(f"*/{file}"):  # Gradio's, too
                copy.unlink(missing_ok=True)

    def _forget(self) -> None:
        """Forgets the names of paintings that have become too old."""
        for name, note in list(self._notes.items()):
            if not (self._uploads.shared / note["file"]).exists():
                del self._notes[name]


def _encoded(image: Image.Image) -> bytes:
    small = image.copy()
    small.thumbnail((_LARGEST, _LARGEST), Image.Resampling.LANCZOS)
    data = io.BytesIO()
    small.save(data, "JPEG", quality=92, subsampling="4:4:4")
    return data.getvalue()


def _write(data: bytes, file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with whole(file) as part:
            part.write_bytes(data)
    except OSError as error:
        if is_full(error):
            raise StyleTransferError("disk_full") from error
        raise
