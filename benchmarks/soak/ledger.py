"""What was asked for, what came of it, and what must not happen."""

from collections import Counter
from dataclasses import dataclass, field

from PIL import Image

from .line import Refused
from .photos import Album, Photo

# What must not happen, and what it is called in the table.
HARMS = {
    "lost": "results lost",
    "wrong": "pictures to the wrong visitor",
    "rude": "errors that are not sentences",
    "needless": "refused without a reason",
    "kept": "deleted, and still there",
    "silent": "the page did not answer",
}


@dataclass
class Known:
    """A picture whose id a visitor knows.

    Attributes:
        id: the id.
        photo: what it is painted from.
        finished: whether the visitor has seen it finished.
        stopped: whether the visitor has pressed Stop.
        shared: the address of its link; empty if it is not shared.
        deleted: whether it was deleted; None if the line was lost before the answer came.
        further: whether it was gone on with from another picture.
    """

    id: str
    photo: Photo
    finished: bool = False
    stopped: bool = False
    shared: str = ""
    deleted: bool | None = False
    further: bool = False


@dataclass
class Ledger:
    """Counts, and a sentence for each harm.

    Attributes:
        album: the photos.
        runs: what became of the runs that were asked for.
        inputs: what was handed in, by kind.
        faults: what was done to the server and the line.
        harms: what must not happen, by the names in `HARMS`.
        kindly: the sentences with which something was refused.
        known: the pictures whose ids the visitors know.
        trouble: a fault that goes on; empty if there is none. Then a refusal has its reason.
    """

    album: Album
    runs: Counter[str] = field(default_factory=Counter)
    inputs: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    harms: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in HARMS})
    kindly: Counter[str] = field(default_factory=Counter)
    known: list[Known] = field(default_factory=list)
    trouble: str = ""

    def harmed(self, kind: str, sentence: str) -> None:
        """Notes that something happened that must not."""
        self.harms[kind].append(f"{sentence} (during: {self.trouble})" if self.trouble else sentence)

    def line_lost(self) -> None:
        """Notes that a visitor's line was lost, or that nobody answered."""
        self.runs[
            "lines lost while the server was down" if "restart" in self.trouble else "lines lost"
        ] += 1

    def refused(self, what: str, error: Refused, reason: bool) -> None:
        """Notes a refusal.

        Args:
            what: what was asked for.
            error: what the server said.
            reason: whether there was something wrong with what was asked for.
        """
        if not error.kindly:
            self.harmed("rude", f"{what}: {error}")
            return
        self.runs["told kindly"] += 1
        self.kindly[error.said] += 1
        if not (reason or self.trouble or _is_busy(error)):
            self.harmed("needless", f"{what}: {error}")

    def seen(self, known: Known, picture: Image.Image | None, finished: bool) -> None:
        """Checks that a picture shows the photo that it was painted from.

        Args:
            known: which one it is to be.
            picture: what came; None: nothing, which only an unfinished one may.
            finished: whether it is the finished one, which has to be recognised.
        """
        if picture is None:
            if finished:
                self.harmed("lost", f"{known.id} is finished, and has no picture")
            return
        # After 100 more steps some pictures are farther from their photo (a likeness of 0.49) than any
        # stranger's may be, and what was stopped may be no more than a draft. So of these the nearest
        # photo has to be the right one.
        unsure = known.further or known.stopped
        whose = (self.album.nearest if unsure else self.album.whose)(picture)
        if whose is not known.photo and (whose or finished):
            of = f"visitor {whose.visitor}" if whose else "nobody"
            likeness = known.photo.likeness(picture)
            self.harmed(
                "wrong",
                f"visitor {known.photo.visitor} got a picture of {of} as {known.id}"
                f" (likeness to the right photo: {likeness:.2f})",
            )

    def of(self, visitor: int) -> list[Known]:
        """The pictures that this visitor knows and has not deleted."""
        return [each for each in self.known if each.photo.visitor == visitor and each.deleted is False]


def _is_busy(error: Refused) -> bool:
    """Whether the server said that others, or this visitor, have to be waited for."""
    return error.status in (429, 503) or any(
        sign in error.said for sign in ("being painted or waiting", "waiting to be painted", "Too many")
    )
