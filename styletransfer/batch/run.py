"""A batch as a generator: it paints as many pictures at a time as its runner can, and loses only those.

Knows neither where a runner paints nor who watches.
"""

import logging
import math
import os
import re
import shutil
import tempfile
import threading
import time
from collections import deque
from collections.abc import Generator, Hashable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..cutout import has_transparency
from ..engine.step import Step
from ..errors import ImageError, StyleTransferError
from ..images import save_image
from ..recipe import recipe, recipe_in, tells_of
from ..service.durable import check_free, is_full, whole
from ..service.job import Runner
from ..settings import Settings
from .manifest import Entry, Manifest
from .overview import Overview
from .plan import Item, Plan
from .side_by_side import side_by_side
from .sources import Sources

_log = logging.getLogger(__name__)

_BYTES_A_PIXEL = 4  # of a PNG with its recipe, at most
# Half-written files, by `images.save_image` and `durable.whole`: nobody else's have such names.
_HALF_WRITTEN = re.compile(r"\.[0-9a-f]{32}\.part|unfinished-[0-9a-f]{16}-.+")
_ROOM_BESIDE = 1_000_000  # bytes, for the manifest and the overview


@dataclass(frozen=True)
class Stepped:
    """A step of a picture in work.

    Attributes:
        item: the picture, as it was planned.
        step: its newest.
    """

    item: Item
    step: Step


@dataclass(frozen=True)
class Ended:
    """A picture of the batch that is there now, or has failed.

    Attributes:
        item: as it was planned.
        entry: what the manifest has of it.
        skipped: it was there before.
    """

    item: Item
    entry: Entry
    skipped: bool = False


def paint_all(plan: Plan, runner: Runner) -> Generator[Stepped | Ended]:
    """The steps of every picture, and after them what has become of it.

    A picture that is there already, finished, and made just so is not painted again. Of photos with the
    same contents one is painted. One that fails does not stop the rest. However the generator ends,
    manifest and overview tell what is there. When it is closed, pictures in work are given up at their
    next step; whoever closes the runner after it ends also those whose step takes long.

    Args:
        plan: from `plan.every_pair` or `plan.listed_pairs`.
        runner: makes the steps of one picture, here or elsewhere; of as many at the same time as its
            `places` say, if it has that.

    Raises:
        StyleTransferError: the folder cannot be written to, or the disk is full.
        ImageError: a file is in the way of a folder, or is too long in its name.
    """
    _check_folder(plan)
    names = {item: item.output.relative_to(plan.folder).as_posix() for item in plan.items}
    with Manifest(plan.folder, names.values()) as manifest:
        batch = _Batch(plan, runner, names, manifest)
        try:
            yield from side_by_side(map(batch.made, plan.items), getattr(runner, "places", 1))
        finally:
            batch.overview.write(manifest.entries)


class _Batch:
    """What the pictures of a batch have in common while they are painted, perhaps in several threads."""

    def __init__(
        self, plan: Plan, runner: Runner, names: Mapping[Item, str], manifest: Manifest
    ) -> None:
        self._plan = plan
        self._runner = runner
        self._names = names
        self._manifest = manifest
        self._sources = Sources()
        self._made: dict[tuple[str, ...], Item] = {}  # by the hashes of what it was made from
        self._in_work: dict[Hashable, deque[Item]] = {}  # those with one set of hashes
        self._left = len(plan.items)
        self._lock = threading.Lock()
        self.overview = Overview(plan.folder)

    def made(self, item: Item) -> Generator[Stepped | Ended]:
        """The steps that an item takes, and what has become of it, which the manifest then has.

        What is made from the same files as a picture in work is left to whoever makes that one.

        Raises:
            StyleTransferError: the disk is full.
        """
        made_from = self._made_from(item)
        with self._lock:
            in_work = self._in_work.setdefault(made_from, deque())
            in_work.append(item)
            if len(in_work) > 1:
                return
        while in_work:
            ended = yield from self._ended(in_work[0])
            with self._lock:
                self._manifest.add(ended.entry)
                self._left -= 1
                in_work.popleft()
                if not in_work:
                    del self._in_work[made_from]
            yield ended

    def _made_from(self, item: Item) -> Hashable:
        """What is equal for items that are made from the same files."""
        with suppress(StyleTransferError):  # a file cannot be read, and the item will fail for that
            return tuple(self._sources.hashes(item).values())
        return item

    def _ended(self, item: Item) -> Generator[Stepped, None, Ended]:
        """What has become of an item, after the steps that it takes."""
        try:
            return (yield from self._made_item(item))
        except StyleTransferError as error:
            if is_full(error):
                raise StyleTransferError(
                    "batch_disk_full", folder=self._plan.folder, left=self._left
                ) from error
            return Ended(item, self._failed(item, error))
        except (
            Exception
        ) as error:  # nobody has foreseen it, and the other pictures are wanted all the same
            _log.error("%s", item, exc_info=error)
            problem = f"{type(error).__name__}: {error}"
            return Ended(
                item, self._failed(item, StyleTransferError("batch_unforeseen", problem=problem))
            )

    def _made_item(self, item: Item) -> Generator[Stepped, None, Ended]:
        """The item copied, found or painted; whatever goes wrong is raised."""
        hashes = self._sources.hashes(item)
        twin = self._made.get(tuple(hashes.values()))
        if (found := self._found(item, hashes)) is not None:
            ended = Ended(item, found, skipped=True)
        elif twin is not None:
            ended = Ended(item, self._copied(item, twin))
        else:
            ended = Ended(item, (yield from self._painted(item, hashes)))
        self._made.setdefault(tuple(hashes.values()), item)
        return ended

    def _found(self, item: Item, hashes: Mapping[str, str]) -> Entry | None:
        """The entry of a finished picture that was made just so; None if there is none yet.

        Raises:
            ImageError: another file is there, which is not ours to be replaced.
        """
        if not os.path.lexists(item.output):
            return None
        made = recipe_in(item.output)
        if made is None:
            raise ImageError("batch_file_in_the_way", file=item.output)
        if not tells_of(made, self._settings(item), hashes, self._plan.network):
            return None
        known = self._manifest.of(self._names[item])
        if known is not None and known.recipe == made:
            return known
        return self._entry(item, "painted", recipe=made)

    def _copied(self, item: Item, twin: Item) -> Entry:
        item.output.parent.mkdir(parents=True, exist_ok=True)
        try:
            with whole(item.output) as part:
                shutil.copyfile(twin.output, part)
        except OSError as error:
            raise ImageError("cannot_be_saved", file=item.output, why=error.strerror) from error
        return self._entry(item, "copied", copy_of=self._names[twin], recipe=recipe_in(item.output))

    def _painted(self, item: Item, hashes: Mapping[str, str]) -> Generator[Stepped, None, Entry]:
        self._check_room(item)
        settings = self._settings(item)
        pictures = self._sources.pictures(item, settings.alpha)
        began = math.inf
        with closing(self._runner(pictures, settings)) as steps:
            for last in steps:
                # Not since it was asked for: whoever paints may have had to begin, or was busy.
                began = min(began, time.monotonic() - last.elapsed)
                yield Stepped(item, last)
        seconds = round(time.monotonic() - began, 2)
        image = last.image
        text = recipe(settings, {}, last.number, hashes, self._plan.network)
        save_image(image, item.output, **text)
        made = recipe_in(item.output)
        self.overview.keep(self._names[item], image, hashes, pictures)
        return self._entry(item, "painted", recipe=made, seconds=seconds, losses=_losses(last))

    def _settings(self, item: Item) -> Settings:
        """Those of one picture: where the photo has no transparency, none is kept."""
        settings = self._plan.settings
        return replace(settings, alpha=settings.alpha and has_transparency(item.photo))

    def _check_room(self, item: Item) -> None:
        """Finds out before the picture is painted whether it can be saved."""
        try:
            item.output.parent.mkdir(parents=True, exist_ok=True)
            check_free(self._plan.folder, _ROOM_BESIDE + _BYTES_A_PIXEL * self._plan.settings.size**2)
        except OSError as error:
            raise ImageError("cannot_be_saved", file=item.output, why=error.strerror) from error

    def _failed(self, item: Item, error: StyleTransferError) -> Entry:
        return self._entry(item, "failed", error={"code": error.code, "sentence": str(error)})

    def _entry(self, item: Item, state: str, **known: Any) -> Entry:
        paintings = list(map(str, item.paintings))
        return Entry(self._names[item], str(item.photo), paintings, state, **known)


def _check_folder(plan: Plan) -> None:
    """Makes the folder, and finds out whether files of these names can be written there."""
    longest = max((item.output.name for item in plan.items), key=lambda name: len(os.fsencode(name)))
    try:
        plan.folder.mkdir(parents=True, exist_ok=True)
        _sweep(plan.folder)
        with tempfile.TemporaryDirectory(prefix=".styletransfer-", dir=plan.folder) as folder:
            Path(folder, longest).touch()
    except OSError as error:
        raise ImageError("cannot_be_saved", file=plan.folder / longest, why=error.strerror) from error


def _sweep(folder: Path) -> None:
    """Deletes what a killed batch has left half-written."""
    for file in folder.rglob("*"):
        if _HALF_WRITTEN.fullmatch(file.name):
            file.unlink(missing_ok=True)


def _losses(step: Step) -> dict[str, float]:
    return {name: getattr(step, name) for name in ("content", "style", "smoothness", "total")}
