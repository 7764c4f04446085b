"""The hints on the page: one line under the presets, said anew when something changes."""

import asyncio
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import gradio as gr
from gradio.components import Component
from PIL import Image

from ..errors import SettingsError
from ..service.queue import Jobs
from ..service.store import settings_of
from .assets import render
from .components import file_of
from .hints import Size, hints
from .i18n.translate import Words

# What the rules look at.
_LOOKED_AT = ("content_weight", "style_weight", "size", "steps", "brush_scale", "scaling")


class Advice:
    """The line, and what makes it speak."""

    def __init__(self, jobs: Jobs, texts: Words) -> None:
        self._jobs = jobs
        self._texts = texts

    def here(self) -> None:
        self.line = gr.HTML(_line([]), elem_id="hints")

    def wire(
        self,
        photo: Component,
        style: Component,
        controls: Mapping[str, Component],
        fields: list[Component],
        options: dict[str, Any],
    ) -> None:
        """Makes it listen to both boxes and to the controls, `fields` being all of them in order."""
        gr.on(
            [photo.change, style.change, *(controls[name].change for name in _LOOKED_AT)],
            self._said,
            [photo, style, *fields],
            self.line,
            trigger_mode="always_last",
            **options,
        )

    async def _said(self, photo: Any, style: Any, *values: Any) -> str:
        try:
            settings = settings_of(values)
        except SettingsError:  # said when somebody presses Paint
            return _line([])
        sizes = [await asyncio.to_thread(_size, file_of(sent)) for sent in (photo, style)]
        room = await asyncio.to_thread(self._jobs.room)
        return _line(hints(settings, *sizes, room, self._texts, self._jobs.pace.precision))


def _size(file: Any) -> Size | None:
    """Width and height of the picture in a file; None where there is none that can be read."""
    try:
        with Image.open(BytesIO(file) if isinstance(file, bytes) else file) as image:
            return image.size
    except Exception:  # whatever a decoder raises: what is wrong with it stands under its box
        return None


def _line(sentences: list[str]) -> str:
    """The two weightiest: more would not be read."""
    return render("sentence", kind="", role="status", sentence=" ".join(sentences[:2]))
