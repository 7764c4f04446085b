"""The page's inputs, read off the knobs, and what arrives from them."""

import base64
import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

import gradio as gr
from gradio.blocks import Block
from gradio.components import Component
from gradio.data_classes import ImageData
from gradio.utils import get_upload_folder, is_in_or_equal, is_static_file
from PIL import Image
from pydantic import ValidationError, model_validator

from ..catalogue import catalogue, style_at
from ..images import load_layer
from ..service.inputs import MASK_COLOURS, painted_masks
from ..settings import Knob
from .assets import render
from .i18n.translate import Words

# Of every event of the page's own. Without preprocessing, values arrive as they were sent, and what is
# wrong with one is said by `images` or `settings`, in one voice everywhere. (Subclasses of components
# with a `preprocess` of their own would make Gradio write a .pyi file beside this one.) The queue keeps
# the line of jobs, so Gradio must not make anybody wait on its own.
ANSWERED: dict[str, Any] = {"preprocess": False, "show_progress": "hidden", "concurrency_limit": None}
QUIET = ANSWERED | {"api_visibility": "private"}

# What Gradio hands to a function whose inputs are a set: the values as they were sent, by component.
Sent = Mapping[Component, Any]
# What changes on the page: new values, or components with new properties. The rest stays as it is.
View = dict[Block, Any]

# With more positions than this a slider cannot be aimed with a finger.
_MOST_POSITIONS = 5000
_MOST_BUTTONS = 4


class _Sent(ImageData):
    """What arrives for a picture; whatever else a program sends counts as no picture."""

    @model_validator(mode="wrap")
    @classmethod
    def _lenient(cls, value: Any, validate: Any) -> Any:
        try:
            return validate(value)
        except ValidationError:
            return cls.model_construct(path=None, url=None)


def mask_editor(**options: Any) -> gr.ImageEditor:
    """The component in which masks are painted over the photo, in one colour for each style."""
    return gr.ImageEditor(
        sources=[],
        transforms=[],
        layers=False,
        buttons=[],
        brush=gr.Brush(colors=list(MASK_COLOURS), color_mode="fixed", default_size=40),
        eraser=gr.Eraser(default_size=40),
        interactive=True,
        **options,
    )


def mask_hint(names: Iterable[str], texts: Words) -> str:
    """How masks are painted, and which colour is for which of the paintings, as HTML."""
    legend = list(zip(MASK_COLOURS, names, strict=True))
    return render("mask_hint", hint=texts.MASKS_HINT, legend=legend)


def masks_of(payload: Any) -> dict[str, Image.Image]:
    """The masks that came from a `mask_editor`, by name; none where nothing was painted."""
    layers = payload.get("layers") if isinstance(payload, dict) else None
    file = file_of(layers[0]) if layers else None
    if file is None:
        return {}
    return painted_masks(load_layer(file))


def quiet_button(label: str, elem_id: str, visible: bool = True) -> gr.Button:
    """A button that is less in sight than Paint."""
    return gr.Button(label, visible=visible, elem_id=elem_id, elem_classes="quiet", size="md")


def photo_input(**options: Any) -> gr.Image:
    """The component by which a person hands in a picture: a file, the camera or the clipboard."""
    options = {"sources": ["upload", "webcam", "clipboard"]} | options
    image = gr.Image(interactive=True, buttons=[], **options)
    image.data_model = _Sent  # Gradio's own answers a mistake with "Error" and no reason
    return image


def file_of(payload: Any) -> str | bytes | None:
    """The picture that came from a `photo_input`, as `images.load_image` takes it.

    A file that is neither uploaded nor an example counts as none.
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
    # Gradio checks a path only if the sender says that it is one.
    try:
        ours = path and (is_in_or_equal(path, get_upload_folder()) or is_static_file(path))
    except ValueError:  # no path at all
        return None
    return path if ours else None


def painting_index(file: Any) -> int:
    """Which of the catalogue's paintings this file is; -1 for none of them."""
    painting = style_at(file)
    return catalogue().styles.index(painting) if painting else -1


def visitor_of(request: gr.Request) -> str:
    """Who is asking, as far as limits are concerned: the address, also behind a proxy.

    A proxy is taken at its word only if it speaks from this machine or its private network, as those of
    Spaces and of shared links do: anybody else could claim to be somebody else.
    """
    host = request.client.host if request.client else ""
    forwarded = request.headers.get("x-forwarded-for", "").partition(",")[0].strip()
    try:
        near = ipaddress.ip_address(host).is_private
    except ValueError:
        return host
    return forwarded or host if near else host


def control(knob: Knob, texts: Words) -> Component:
    """The component by which a person sets this knob."""
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
    bounds = {"minimum": knob.minimum, "maximum": knob.maximum, "step": knob.step}
    precision = 0 if knob.kind is int else None
    if (knob.maximum - knob.minimum) / knob.step <= _MOST_POSITIONS:
        return gr.Slider(**bounds, precision=precision, buttons=["reset"], **common)
    return gr.Number(**bounds, precision=precision, **common)
