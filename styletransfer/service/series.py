"""A series: photos that are painted alike, one after the other, each by a run of its own.

A series is no job: only one of its runs is in the line at a time, and whoever else has come meanwhile is
before the next one. Each of its runs knows it, so that it outlives the server with them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Self

from ..errors import StyleTransferError


@dataclass(eq=False)
class Series:
    """Photos that are painted alike. It may be read from any thread.

    Attributes:
        id: of the series; no secret, because nothing can be had by it.
        photos: their files, in the order in which they are painted.
        runs: the ids of the runs so far, by the places of their photos, from 0.
        wrong: why a photo has no run, by its place.
        over: whether no further photo is painted.
    """

    id: str
    photos: Sequence[str]
    runs: dict[int, str] = field(default_factory=dict)
    wrong: dict[int, StyleTransferError] = field(default_factory=dict)
    over: bool = False

    @property
    def next_place(self) -> int:
        """The place of the first photo that has not had its turn; `len(photos)` after the last."""
        return max([*self.runs, *self.wrong], default=-1) + 1

    @property
    def newest(self) -> str:
        """The id of the newest run."""
        return self.runs[max(self.runs)]

    @property
    def ids(self) -> list[str]:
        """The ids of all runs so far, the newest first."""
        return [self.runs[place] for place in sorted(self.runs, reverse=True)]

    def place_of(self, id: str) -> int:
        """The place of the photo that the run with this id paints.

        Raises:
            KeyError: it is none of the series.
        """
        return {run: place for place, run in self.runs.items()}[id]

    def name(self, place: int) -> str:
        """The file name of the photo at this place, by which it is told from the others."""
        return PurePath(self.photos[place]).name

    @property
    def written(self) -> dict[str, Any]:
        """The series as plain values, of which `again` makes it again."""
        wrong = {str(place): error.written for place, error in list(self.wrong.items())}
        runs = {str(place): id for place, id in list(self.runs.items())}
        photos = list(self.photos)
        return {"id": self.id, "photos": photos, "runs": runs, "wrong": wrong, "over": self.over}

    @classmethod
    def again(cls, written: dict[str, Any]) -> Self:
        """The series that was `written`."""
        runs = {int(place): id for place, id in written["runs"].items()}
        wrong = {int(place): StyleTransferError.again(each) for place, each in written["wrong"].items()}
        return cls(written["id"], written["photos"], runs, wrong, written["over"])
