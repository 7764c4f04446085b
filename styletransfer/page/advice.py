"""Hints on settings that usually disappoint, shown in one line under the presets before painting.

The rules are pure functions of the settings and the sizes of the pictures. The thresholds `STRONG` and
`FAINT` were chosen by eye (astronaut and wave, 160 px; again at 192 px for the style loss by neighbours,
by which the photo stays recognisable at any weight), `ENLARGED` where enlarging becomes visible.
"""

import asyncio

import gradio as gr
import torch

from ..engine import memory
from ..errors import SettingsError
from ..images import fitted_size
from ..service import decoding
from ..service.queue import Queue
from ..settings import Settings
from .assets import render
from .components import QUIET, Sent, file_of
from .i18n.translate import ENGLISH, Words
from .ui import Ui

Size = tuple[int, int]  # width and height in pixels

STRONG, FAINT = 10, 0.1  # style weight over content weight
ENLARGED = 2  # times the size of the file
LARGE = 640  # from this size on a picture needs that many steps, by the style loss
STEPS_PER_PIXEL = {"neighbours": 1 / 20, "gram": 1 / 10}

# What those hints are about that another size would take away.
OF_SIZE = ("memory", "photo", "steps")

# The settings that the rules depend on.
_LOOKED_AT = (
    *("content_weight", "style_weight", "style_loss"),
    *("size", "steps", "brush_scale", "scaling"),
)
_MOST = 2  # sentences at once; more would not be read


class Advice:
    """The line with the hints, and the events that update it."""

    line: gr.HTML
    ui: Ui

    def __init__(self, queue: Queue, texts: Words) -> None:
        self._queue = queue
        self._texts = texts

    def here(self) -> None:
        """Makes the line, which is empty at first."""
        self.line = gr.HTML(_line([]), elem_id="hints")

    def listen(self, ui: Ui) -> None:
        """Updates the hints when the photo, the painting or a setting changes."""
        self.ui = ui
        photo, style, controls = ui.boxes["content"], ui.boxes["style"], ui.knobs.controls
        gr.on(
            [photo.change, style.change, *(controls[name].change for name in _LOOKED_AT)],
            self._said,
            {photo, style, *ui.knobs.inputs},
            self.line,
            trigger_mode="always_last",
            **QUIET,
        )

    async def _said(self, sent: Sent) -> str:
        try:
            settings = self.ui.settings(sent)
        except SettingsError:  # the error is shown when the visitor presses Paint
            return _line([])
        files = [file_of(sent[self.ui.boxes[name]]) for name in ("content", "style")]
        photo, style = [await decoding.aside(decoding.size, file) for file in files]
        free = await asyncio.to_thread(self._queue.free_memory)
        said = hints(settings, photo, style, free, self._texts, self._queue.pace.precision)
        return _line(list(said.values()))


def hints(
    settings: Settings,
    photo: Size | None,
    style: Size | None,
    free: float = float("inf"),
    texts: Words = ENGLISH,
    precision: torch.dtype | None = None,
) -> dict[str, str]:
    """The hints as sentences, by what they are about, the most important first.

    Args:
        settings: those of the next picture.
        photo: the photo's size; None while there is no photo.
        style: the painting's size; None while there is no painting.
        free: the bytes that are free for painting.
        texts: the texts in the page's language.
        precision: the network's; None if unknown.
    """
    canvas = fitted_size(*photo, settings.size) if photo else (settings.size, settings.size * 3 // 4)
    looked_at = fitted_size(*style, round(settings.size * settings.brush_scale)) if style else None
    sentences = {
        "memory": _on_memory(settings, canvas, looked_at, free, texts, precision),
        "painting": _on_painting(settings, style, looked_at, texts),
        "photo": _on_photo(settings, photo, canvas, texts),
        "weights": _on_weights(settings, texts),
        "steps": _on_steps(settings, texts),
    }
    return {about: sentence for about, sentence in sentences.items() if sentence}


def _on_memory(
    settings: Settings,
    canvas: Size,
    looked_at: Size | None,
    free: float,
    texts: Words,
    precision: torch.dtype | None,
) -> str:
    wanted = memory.least_needed(
        canvas, [looked_at or canvas], precision=precision, style_loss=settings.style_loss
    )
    if wanted <= free:
        return ""
    needs, there = (texts.number(f"{size / 1e9:.1f}") for size in (wanted, free))
    return texts.HINT_MEMORY.format(size=settings.size, needs=needs, there=there)


def _on_painting(settings: Settings, style: Size | None, looked_at: Size | None, texts: Words) -> str:
    if not (style and looked_at and settings.style_weight):
        return ""
    enlarged = min(looked_at) > ENLARGED * min(style)
    return texts.HINT_STYLE_SMALL.format(width=style[0], height=style[1]) if enlarged else ""


def _on_photo(settings: Settings, photo: Size | None, canvas: Size, texts: Words) -> str:
    if not (photo and settings.content_weight and max(canvas) > ENLARGED * max(photo)):
        return ""
    return texts.HINT_PHOTO_SMALL.format(width=photo[0], height=photo[1], size=settings.size)


def _on_weights(settings: Settings, texts: Words) -> str:
    # A weight of 0 is chosen on purpose. The thresholds hold for the scaling "relative" only.
    if not (settings.content_weight and settings.style_weight and settings.scaling == "relative"):
        return ""
    ratio = settings.style_weight / settings.content_weight
    if ratio >= STRONG:
        return texts.HINT_STRONG if settings.style_loss == "gram" else ""
    return texts.HINT_FAINT if ratio <= FAINT else ""


def _on_steps(settings: Settings, texts: Words) -> str:
    if settings.size < LARGE or settings.steps >= settings.size * STEPS_PER_PIXEL[settings.style_loss]:
        return ""
    return texts.HINT_FEW_STEPS.format(size=settings.size, steps=settings.steps)


def _line(sentences: list[str]) -> str:
    return render("sentence", kind="", role="status", sentence=" ".join(sentences[:_MOST]))
