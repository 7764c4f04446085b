"""Makers of the page's input components, and readers of the values that the browser sends."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import gradio as gr
from gradio.blocks import Block
from gradio.components import Component
from gradio.data_classes import ImageData
from gradio.utils import get_upload_folder, is_in_or_equal, is_static_file
from pydantic import ValidationError, model_validator

from ..catalogue import catalogue, style_at
from ..errors import StyleTransferError
from ..service.inputs import MASK_COLOURS, MASK_OPACITY
from ..service.visitor import Visitor
from ..settings import Knob
from .assets import render
from .gate.addresses import counted
from .gate.browsers import browser_of
from .i18n.translate import Words

# Options of the page's events. Without preprocessing, values arrive as they were sent, so that `images`
# and `settings` check them and word the errors, the same for the page, the API and the command line.
# (Component classes with a `preprocess` of our own would make Gradio write a .pyi file beside this one.)
# Jobs wait in `service.queue`, so Gradio's own queue must not limit how many events run at once.
ANSWERED: dict[str, Any] = {"preprocess": False, "show_progress": "hidden", "concurrency_limit": None}
QUIET = ANSWERED | {"api_visibility": "private"}

Pressed = TypeVar("Pressed")

# The argument of an event handler whose inputs are a set: the values as they were sent, by component.
Sent = Mapping[Component, Any]
# The result of an event handler: new values or properties, by component. Others stay as they are.
View = dict[Block, Any]

# A slider with more positions than this cannot be set precisely with a finger.
_MOST_POSITIONS = 5000
_MOST_BUTTONS = 4


class _Sent(ImageData):
    """The value of a picture as it was sent; anything else that a program sends counts as no picture."""

    @model_validator(mode="wrap")
    @classmethod
    def _lenient(cls, value: Any, validate: Any) -> Any:
        try:
            return validate(value)
        except ValidationError:
            return cls.model_construct(path=None, url=None)


def mask_editor(**options: Any) -> gr.ImageEditor:
    """The component in which masks are painted over the photo, each in its colour."""
    return gr.ImageEditor(
        sources=[],
        transforms=[],
        layers=False,
        buttons=[],
        # Smaller than any photo: Gradio centres strokes that are brought back in a canvas that is at
        # least as large as this first one, and so they would miss a smaller photo.
        canvas_size=(1, 1),
        brush=gr.Brush(
            colors=[(colour, MASK_OPACITY) for colour in MASK_COLOURS],
            color_mode="fixed",
            default_size=40,
        ),
        eraser=gr.Eraser(default_size=40),
        interactive=True,
        **options,
    )


def mask_hint(names: Mapping[str, str], texts: Words) -> str:
    """HTML that explains how masks are painted, and which colour each painting has.

    Args:
        names: what each is called, by the id of its box.
        texts: the texts in the page's language.
    """
    legend = [(colour, *each) for colour, each in zip(MASK_COLOURS, names.items(), strict=True)]
    return render("mask_hint", hint=texts.MASKS_HINT, label=texts.MASKS, legend=legend)


def strokes_in(payload: Any) -> tuple[str | bytes | None, list[str | bytes | None]]:
    """The file of the brush strokes in the value of a `mask_editor`, and its other files.

    There are strokes also where nothing was painted. The others are copies of the photo.
    """
    sent = payload if isinstance(payload, dict) else {}
    layers = [file_of(each) for each in sent.get("layers") or [None]]
    return layers[0], [*layers[1:], file_of(sent.get("background")), file_of(sent.get("composite"))]


def quiet_button(label: str, elem_id: str, of_picture: bool = False) -> gr.Button:
    """A button that is less conspicuous than the next step.

    Args:
        label: what stands on it.
        elem_id: its id in the document.
        of_picture: whether it belongs to a finished picture, and is not there before there is one.
    """
    kind = ["quiet", "of-picture"] if of_picture else "quiet"
    return gr.Button(label, visible=not of_picture, elem_id=elem_id, elem_classes=kind, size="md")


def carried(elem_id: str) -> gr.Textbox:
    """A text that nobody sees. The browser keeps it and sends it along, so that it outlives the server.

    (A `gr.State` is kept by the server, and is gone when that starts anew.)
    """
    return gr.Textbox(visible="hidden", elem_id=elem_id)


def photo_input(**options: Any) -> gr.Image:
    """The component with which a visitor hands in a picture: a file, the camera or the clipboard."""
    options = {"sources": ["upload", "webcam", "clipboard"]} | options
    image = gr.Image(interactive=True, buttons=[], **options)
    image.data_model = _Sent  # Gradio's own model answers a wrong value with "Error" and no reason
    return image


def file_of(payload: Any) -> str | bytes | None:
    """The picture in the value of a `photo_input`, as `images.load_image` takes it.

    The result is None for a file that is neither an upload nor one of the catalogue.
    """
    if not isinstance(payload, dict):
        return None
    url = payload.get("url") or ""
    if not payload.get("path") and url.startswith("data:"):
        try:
            return base64.b64decode(url.partition(",")[2])
        except ValueError:
            return b""
    path = payload.get("path")
    # Gradio checks a path only if the value says that it is a file, so it is checked again here.
    try:
        ours = path and (is_in_or_equal(path, get_upload_folder()) or is_static_file(path))
    except (ValueError, OSError):  # not a valid path, or one that no system takes
        return None
    return path if ours else None


def detail(event: gr.EventData, name: str) -> Any:
    """What the browser sends of an event under this name, unchecked; None if nothing."""
    sent = event._data  # Gradio's own look-up raises where a program has sent no object
    return sent.get(name) if isinstance(sent, Mapping) else None


def told(event: gr.EventData, name: str) -> str:
    """What the browser tells of an event under this name.

    Raises:
        StyleTransferError: nothing, or no text: the page itself does not send that.
    """
    value = detail(event, name)
    if not isinstance(value, str):
        raise StyleTransferError("field_malformed", field=name)
    return value


def pressed(event: gr.EventData, among: Sequence[Pressed]) -> Pressed:
    """The one among these that was pressed in the browser.

    Raises:
        StyleTransferError: none of them: the page itself does not send that.
    """
    index = detail(event, "index")
    if type(index) is not int or not 0 <= index < len(among):
        raise StyleTransferError("field_malformed", field="index")
    return among[index]


def painting_index(file: Any) -> int:
    """The index of the catalogue's painting in this file; -1 for any other file."""
    painting = style_at(file)
    return catalogue().styles.index(painting) if painting else -1


def visitor_of(request: gr.Request) -> Visitor:
    """The visitor, by whose network address and browser the limits of the queue count.

    The gate has put the address there, also behind a proxy; of an IPv6 address the network counts.
    """
    address = counted(request.client.host if request.client else "")
    return Visitor(address, browser_of(request.headers))


def control(knob: Knob, texts: Words) -> Component:
    """The component with which a visitor changes this setting."""
    knob = texts.knob(knob)
    common = {
        "value": knob.default,
        "label": knob.label,
        "info": knob.help,
        "elem_id": f"knob-{knob.name}",
        "elem_classes": ["knob", "live"] if knob.live else "knob",
        "interactive": True,
    }
    if knob.choices is not None:
        few = len(knob.choices) <= _MOST_BUTTONS
        return (gr.Radio if few else gr.Dropdown)(choices=texts.choices(knob), **common)
    if knob.kind is str:
        return gr.Textbox(**common)
    if knob.kind is bool:
        return gr.Checkbox(**common | {"info": None})  # its label says enough, and it stands in front
    bounds = {"minimum": knob.minimum, "maximum": knob.maximum, "step": knob.step}
    precision = 0 if knob.kind is int else None
    if (knob.maximum - knob.minimum) / knob.step <= _MOST_POSITIONS:
        return gr.Slider(**bounds, precision=precision, buttons=["reset"], **common)
    return gr.Number(**bounds, precision=precision, **common)
