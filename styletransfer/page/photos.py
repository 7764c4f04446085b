"""Several photos at once: the row of their thumbnails under the boxes.

One of them is the photo in the box and on the stage. The others wait in the row, and are painted after.
The value of the row is `{"photos": entries, "said": how many, "stamp": another one each time}`.
"""

import secrets
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

import gradio as gr
from gradio.events import Dependency

from ..errors import ImageError, StyleTransferError
from ..images import resize
from ..picture_files import Wanted
from ..pictures import NAMES
from ..service import decoding
from ..service.inputs import STROKES
from ..service.store import Store
from . import placard
from .assets import script, text
from .components import QUIET, Sent, View, detail, file_of, pressed
from .data_url import data_url
from .i18n.translate import Words
from .ui import Ui

_SMALL = 96  # long side of a thumbnail in pixels; as a JPEG two or three kilobytes

# A photo of the row: "file", its path; "small", a data URL; "name"; and "shown", if it is in the box.
Entry = dict[str, Any]


class Photos:
    """The row, and what happens in it.

    Args:
        store: the jobs and the uploads.
        texts: the texts in the page's language.

    Attributes:
        row: the photos, the one in the box among them; no entries while there are fewer than two.
        note: what is wrong with photos that were handed in for the row.
    """

    row: gr.HTML
    note: gr.HTML
    ui: Ui

    def __init__(self, store: Store, texts: Words) -> None:
        self._runs, self._uploads = store.runs, store.uploads
        self._most = store.queue.limits.photos
        self._texts = texts

    def here(self) -> None:
        """Makes the row, which has only the button for more photos at first, and the note under it."""
        texts = self._texts
        known = {"LIMIT": self._most, "COMING": texts.PHOTOS_COMING}
        self.row = gr.HTML(
            {"photos": []},
            html_template=text("photos.html"),
            js_on_load=script("photos", **known),
            words={"PHOTOS": texts.PHOTOS, "PHOTOS_ADD": texts.PHOTOS_ADD},
            elem_id="photos",
        )
        self.note = gr.HTML(placard.note(), elem_id="photos-note", elem_classes="noted")

    def listen(self, ui: Ui) -> list[Dependency]:
        """Registers what happens in the row and with the photo in the box.

        Returns the events after which another photo may be in the box.
        """
        self.ui = ui
        given = {self.row, ui.boxes["content"], ui.under_masks}
        boxes = [ui.boxes["content"], ui.boxes[STROKES]]
        changed = [self.row, self.note, *boxes, *ui.mask_editing]
        # The script waits for each answer before it asks again.
        ui.boxes["content"].change(self._boxed, given, changed, trigger_mode="always_last", **QUIET)
        return [
            event(handler, given, changed, trigger_mode="multiple", **QUIET)
            for event, handler in (
                (self.row.taken, self._taken),
                (self.row.show, self._shown),
                (self.row.off, self._taken_off),
            )
        ]

    def listen_to(self, found: Dependency) -> None:
        """Fills the row in after a job was looked for, whose photos are in it."""
        given = {self.ui.job_id, self.ui.boxes["content"]}
        found.then(self._refilled, given, self.row, **QUIET)

    async def _taken(self, sent: Sent, event: gr.EventData) -> View:
        """Takes in the photos that the browser has uploaded for the row."""
        entries, box = self._now(sent)
        if not entries and box is not None:
            entries = [entry for entry in [await self._read(box)] if entry]
        uploads = [file for each in _listed(event, "files") if (file := _file({"file": each}))]
        room = max(0, self._most - len(entries))
        taken, wrong = await self._checked_all(uploads[:room])
        entries += taken
        more = detail(event, "more")
        out = len(uploads[room:]) + (more if type(more) is int else 0)
        said = [*map(str, _listed(event, "refused")), *wrong]
        if out > 0:
            said.append(self._texts.PHOTOS_TOO_MANY.format(most=self._most, n=out))
        noted = {self.note: placard.note(" ".join(said))}
        if box is None and entries:
            return self._put(entries, entries[0]["file"], sent) | noted
        return self._row(entries, box) | noted

    async def _checked_all(self, files: Sequence[str]) -> tuple[list[Entry], list[str]]:
        """The entries of those uploads that can be painted, and what is wrong with the others."""
        entries, wrong = [], []
        for file in files:
            try:
                entries.append(await decoding.aside(self._checked, file))
            except ImageError as error:
                wrong.append(self._texts.error(error))
        return entries, wrong

    def _shown(self, sent: Sent, event: gr.EventData) -> View:
        """Puts the photo that was pressed into the box."""
        entries, _ = self._now(sent)
        return self._put(entries, pressed(event, entries)["file"], sent)

    def _taken_off(self, sent: Sent, event: gr.EventData) -> View:
        """Takes a photo off the row; if it is the one in the box, the next one takes its place."""
        entries, box = self._now(sent)
        place = entries.index(pressed(event, entries))
        was_shown = entries.pop(place).get("shown")
        cleared = {self.note: placard.note()}
        if not was_shown:
            return self._row(entries, box) | cleared
        return self._put(entries, _nearest(entries, place), sent) | cleared

    async def _boxed(self, sent: Sent) -> View:
        """Follows the photo in the box: a new one takes the place of the one that was shown there."""
        entries, box = self._now(sent)
        if not entries:
            return {self.row: gr.skip()}
        if box in [each["file"] for each in entries]:
            return self._row(entries, box)
        place = next((at for at, each in enumerate(entries) if each.get("shown")), 0)
        entry = await self._read(box) if box is not None else None
        entries[place : place + 1] = [entry] if entry else []
        if box is not None:
            return self._row(entries, box)
        return self._put(entries, _nearest(entries, place), sent)  # it was taken away by its cross

    async def _refilled(self, sent: Sent) -> View:
        run, box = self._runs.find_run(sent[self.ui.job_id]), file_of(sent[self.ui.boxes["content"]])
        if run is None or run.series is None:
            return {self.row: gr.skip()}
        found = [await self._read(file) for file in run.series.photos if file]
        return self._row([entry for entry in found if entry], box)

    def _now(self, sent: Sent) -> tuple[list[Entry], str | None]:
        """The entries of the row, and the file in the box, if there is one."""
        box = file_of(sent[self.ui.boxes["content"]])
        return _entries(sent[self.row]), box if isinstance(box, str) else None

    def _put(self, entries: list[Entry], file: str | None, sent: Sent) -> View:
        """The row with this photo in the box; another one than before has no strokes over it."""
        ui, (_, box) = self.ui, self._now(sent)
        view: View = self._row(entries, file) | {ui.boxes["content"]: file}
        if file == box:
            return view
        under = ui.laid_under(file) if sent[ui.under_masks] else {}
        return view | under | {ui.boxes[STROKES]: None}

    def _row(self, entries: Sequence[Entry], shown: Any) -> View:
        """The row with these photos; of a single one, which is in the box, there is no row."""
        texts, several = self._texts, entries if len(entries) > 1 else ()
        photos = [
            {name: each[name] for name in ("file", "small", "name")}
            | {
                "place": place,
                "shown": each["file"] == shown,
                "current": "true" if each["file"] == shown else "false",
                "show": texts.PHOTOS_SHOW.format(name=each["name"]),
                "off": texts.PHOTOS_OFF.format(name=each["name"]),
            }
            for place, each in enumerate(several)
        ]
        said = texts.PHOTOS_COUNT.format(n=len(photos)) if photos else ""
        return {self.row: {"photos": photos, "said": said, "stamp": secrets.token_hex(4)}}

    async def _read(self, file: str) -> Entry | None:
        """The entry of a file that is in the box or was in a series; None if it is gone."""
        try:
            return await decoding.aside(_entry, file, PurePath(file).name)
        except ImageError:
            return None

    def _checked(self, file: str) -> Entry:
        """The entry of an upload, which becomes what is painted from.

        Raises:
            ImageError: it is not a picture that can be painted from.
        """
        shown = self._uploads.presentable(file, "content").file or file
        return _entry(shown, PurePath(file).name)


def _entry(file: str, name: str) -> Entry:
    image = decoding.picture(file, NAMES["content"], Wanted(largest=_SMALL)).image
    small = resize(image, min(_SMALL, max(image.size)))
    return {"file": file, "small": data_url(small, 80), "name": name}


def _entries(value: Any) -> list[Entry]:
    """The entries in the value of a row, as far as they are well-formed.

    Raises:
        StyleTransferError: it is no row: the page itself does not send that.
    """
    photos = value.get("photos") if isinstance(value, dict) else None
    if not isinstance(photos, list):
        raise StyleTransferError("field_malformed", field="photos")
    return [dict(each) for each in photos if isinstance(each, dict) and _file(each) and _is_told(each)]


def several(row: Any) -> list[str]:
    """The files in the value of a row."""
    return [entry["file"] for entry in _entries(row)]


def in_order(row: Any, box: str | bytes | None) -> list[str]:
    """The photos to paint, the one in the box first; none where that is the only one.

    Args:
        row: the value of the row.
        box: the picture in the box, of which there is a file unless it came from the camera.
    """
    others = [entry["file"] for entry in _entries(row) if not entry.get("shown")]
    others = [each for each in others if each != box]
    return [box if isinstance(box, str) else "", *others] if others else []


def _is_told(entry: Entry) -> bool:
    return isinstance(entry.get("name"), str) and str(entry.get("small")).startswith("data:image/jpeg")


def _file(entry: Entry) -> str | None:
    """The file of an entry, if it is an upload or one of the catalogue."""
    file = file_of({"path": entry.get("file")}) if isinstance(entry.get("file"), str) else None
    return file if isinstance(file, str) else None


def _nearest(entries: Sequence[Entry], place: int) -> str | None:
    """The file of the photo that is now at this place, or of the last; None if none is left."""
    return entries[min(place, len(entries) - 1)]["file"] if entries else None


def _listed(event: gr.EventData, name: str) -> list[Any]:
    found = detail(event, name)
    return found if isinstance(found, list) else []
