"""The note under "Keep faces": that there is no face in the photo, or that none can be found here."""

import gradio as gr

from ..engine import faces
from ..errors import ImageError
from ..picture_files import Wanted
from ..pictures import NAMES
from ..service import decoding
from .assets import render
from .components import QUIET, Sent, file_of
from .i18n.translate import Words
from .ui import Ui


class FacesNote:
    """The note, and the events that update it.

    Attributes:
        line: the note; empty while faces are kept, or need not be.
    """

    line: gr.HTML
    ui: Ui

    def __init__(self, texts: Words) -> None:
        self._texts = texts

    def here(self) -> None:
        """Makes the note, which is empty at first."""
        self.line = gr.HTML(_line(""), elem_id="faces-note")

    def listen(self, ui: Ui) -> None:
        """Looks for faces when another photo is in the box, or when they are to be kept."""
        self.ui = ui
        photo, keep = ui.boxes["content"], ui.knobs.controls["keep_faces"]
        changes = [photo.change, keep.change]  # type: ignore[attr-defined]  # Gradio adds them
        gr.on(changes, self._told, {photo, keep}, self.line, trigger_mode="always_last", **QUIET)

    async def _told(self, sent: Sent) -> str:
        file = file_of(sent[self.ui.boxes["content"]])
        if file is None or sent[self.ui.knobs.controls["keep_faces"]] is not True:
            return _line("")
        if not faces.can_be_found():
            return _line(self._texts.FACES_NOT_SOUGHT)
        return _line("" if await decoding.aside(_has_faces, file) else self._texts.FACES_NONE)


def _has_faces(file: str | bytes) -> bool:
    """Whether there is a face in a photo; of one that cannot be read it is said elsewhere."""
    try:
        photo = decoding.picture(file, NAMES["content"], Wanted(largest=faces.SEEN)).image
    except ImageError:
        return True
    return bool(faces.found(photo))


def _line(sentence: str) -> str:
    return render("sentence", kind="hint", role="status", sentence=sentence)
