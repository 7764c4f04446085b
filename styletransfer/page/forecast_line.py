"""The line under the Paint button: what painting will take; while it paints, what can be turned."""

import asyncio
from collections.abc import Sequence
from typing import Any

import gradio as gr
from gradio.components import Component

from ..engine.forecast import Forecast, forecast
from ..errors import StyleTransferError
from ..images import size_of
from ..pictures import MASKS, STYLES
from ..service.queue import Jobs
from ..service.store import settings_of
from ..settings import Settings, knobs
from .assets import render
from .components import file_of
from .i18n.translate import ENGLISH, Words
from .status import time_text


def line(texts: Words) -> gr.HTML:
    """The component, to stand by the button."""
    return gr.HTML(told("", texts), elem_id="outlook")


def told(sentence: str, texts: Words, kind: str = "") -> str:
    """The line's two sentences, of which the style sheet shows the first only while it paints.

    Args:
        sentence: what is foretold; empty while nothing is.
        texts: of the page's language.
        kind: "next" if the second is of another picture than the one that is painted, and is shown all
            the same.
    """
    return render("forecast_line", steering=texts.STEERING, kind=kind, sentence=sentence)


def in_words(coming: Forecast, waiting: int = 0, next: bool = False, texts: Words = ENGLISH) -> str:
    """ "About 2 min 10 s and 0.8 GB on this computer · 512 x 342 pixels"."""
    form = texts.FORECAST_NEXT if next else texts.FORECAST
    sentence = form.format(
        time=_roughly(coming.seconds, texts),
        memory=texts.number(f"{coming.bytes / 1e9:.1f}"),
        width=coming.width,
        height=coming.height,
    )
    if not waiting:
        return sentence
    line = texts.FORECAST_LINE_MANY if waiting > 1 else texts.FORECAST_LINE_ONE
    return f"{sentence}, {line.format(n=waiting)}"


def wire(
    jobs: Jobs,
    mine: Component,
    line: Component,
    boxes: dict[str, Component],
    controls: dict[str, Component],
    changes: Sequence[Any],
    ends: Sequence[Any],
    texts: Words,
) -> None:
    """Keeps the line right.

    Args:
        mine: this tab's job.
        boxes, controls: the pictures and knobs of the page, by name.
        changes: further events at which settings change that nobody has turned.
        ends: events after which no picture of this tab is painted any more.
    """
    pictures = [boxes[name] for name in ("content", *STYLES, *MASKS)]
    turned = [knob.name for knob in knobs() if not knob.live]

    async def foretold(id: str | None, *values: Any) -> str:
        sent, values = values[: len(pictures)], values[len(pictures) :]
        job = jobs.find(id)
        running = job is not None and not job.finished
        try:
            settings = settings_of(values)
        except StyleTransferError:
            return told("", texts)  # said when Paint is pressed
        coming = await asyncio.to_thread(_coming, jobs, settings, [file_of(each) for each in sent])
        if coming is None:
            return told("", texts)
        if running:
            return told(in_words(coming, next=True, texts=texts), texts, "next")
        return told(in_words(coming, jobs.unfinished, texts=texts), texts)

    given = [mine, *pictures, *(controls[knob.name] for knob in knobs())]
    how = {
        "preprocess": False,
        "show_progress": "hidden",
        "concurrency_limit": None,
        "api_visibility": "private",
    }
    gr.on(
        [*(controls[name].input for name in turned), boxes["content"].change, *changes],
        foretold,
        given,
        line,
        trigger_mode="always_last",
        **how,
    )
    for event in ends:
        event.then(foretold, given, line, **how)


def steer(
    jobs: Jobs, mine: Component, controls: dict[str, Component], line: Component, texts: Words
) -> None:
    """Lets the knobs that are `live` act on this tab's picture while it is painted."""
    failed = told(texts.STEERING_FAILED, texts, "next")

    def turner(name: str):
        def turn(id: str | None, said: Any, value: Any) -> Any:
            job = jobs.find(id)
            if job is None or job.finished:
                return gr.skip()
            try:
                job.turn(**{name: value})
            except StyleTransferError:
                return failed
            # Answers come in any order: this one leaves alone what another may have written.
            return told("", texts) if said == failed else gr.skip()

        return turn

    for knob in knobs():
        if knob.live:
            controls[knob.name].input(
                turner(knob.name),
                [mine, line, controls[knob.name]],
                line,
                trigger_mode="always_last",
                preprocess=False,
                show_progress="hidden",
                concurrency_limit=None,
                api_visibility="private",
            )


def _coming(jobs: Jobs, settings: Settings, files: Sequence[Any]) -> Forecast | None:
    sizes = [file and size_of(file) for file in files]
    photo, paintings = sizes[0], list(filter(None, sizes[1 : 1 + len(STYLES)]))
    masks = len(list(filter(None, sizes[1 + len(STYLES) :])))
    try:
        return forecast(jobs.pace, settings, photo, paintings, masks)
    except StyleTransferError:
        return None


def _roughly(seconds: float, texts: Words) -> str:
    """The time in words, no finer than it can be known."""
    grain = 1 if seconds < 20 else 5 if seconds < 120 else 10 if seconds < 600 else 60
    rounded = max(1, grain * round(seconds / grain))
    return time_text(rounded, texts) if rounded % 60 else texts.ONLY_MINUTES.format(m=rounded // 60)
