"""The pictures that a batch reads: each file's hash, and the last few paintings, which recur."""

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from ..cutout import load_cutout
from ..errors import ImageError
from ..images import load_image
from ..pictures import Pictures, named
from .plan import Item

_PAINTINGS = 8  # that are held: of large ones 0.3 GB each


class Sources:
    """Reads photos and paintings, for any thread. A file must not change while the batch runs."""

    def __init__(self) -> None:
        self._hashes: dict[Path, str] = {}
        self._paintings: dict[Path, Image.Image] = {}
        self._lock = threading.Lock()

    def hashes(self, item: Item) -> dict[str, str]:
        """The SHA-256 of each file by the API's names, as a recipe has them.

        Raises:
            ImageError: one cannot be read.
        """
        paintings = [self._hash(painting, "painting") for painting in item.paintings]
        return named(self._hash(item.photo, "photo"), paintings)

    def pictures(self, item: Item, alpha: bool) -> Pictures:
        """What the picture is painted from.

        Args:
            item: the picture.
            alpha: whether it keeps the photo's transparency.

        Raises:
            ImageError: as `load_cutout`.
        """
        opacity = None
        if alpha:
            photo, opacity = load_cutout(item.photo, "photo")
        else:
            photo = load_image(item.photo, "photo")
        return Pictures(photo, self.paintings(item.paintings), opacity=opacity)

    def paintings(self, files: Sequence[Path]) -> list[Image.Image]:
        """These paintings.

        Raises:
            ImageError: as `load_image`.
        """
        with self._lock:  # so that one is read once, too
            for file in files:
                painting = self._paintings.pop(file, None) or load_image(file, "painting")
                self._paintings[file] = painting  # as the most recent one
            found = [self._paintings[file] for file in files]
            while len(self._paintings) > _PAINTINGS:
                self._paintings.pop(next(iter(self._paintings)))
            return found

    def _hash(self, file: Path, what: str) -> str:
        if file not in self._hashes:
            name = f"{what} ({file.name})"
            try:
                with file.open("rb") as opened:
                    self._hashes[file] = hashlib.file_digest(opened, "sha256").hexdigest()
            except FileNotFoundError as error:
                raise ImageError("picture_not_there", name=name) from error
            except IsADirectoryError as error:
                raise ImageError("picture_is_a_folder", name=name) from error
            except OSError as error:
                raise ImageError("picture_cannot_be_opened", name=name, why=error.strerror) from error
        return self._hashes[file]
