"""The line under the Paint button: a forecast of time and memory, or what can be adjusted meanwhile."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import gradio as gr
from gradio.events import Dependency

from ..engine.forecast import Forecast, forecast
from ..errors import SettingsError, StyleTransferError
from ..pictures import KEEP, MASKS, STYLES
from ..service import decoding
from ..service.store import Store
from ..settings import Settings, knobs
from .assets import render
from .components import QUIET, Sent, file_of
from .i18n.translate import ENGLISH, Words
from .placard import roughly
from .ui import Ui

_LOOKED_AT = ("content", *STYLES, *MASKS, KEEP)  # the pictures that a forecast depends on


class ForecastLine:
    """The line, and the events that update it.

    Attributes:
        line: two sentences, of which the style sheet shows the one that applies.
    """

    line: gr.HTML
    ui: Ui

    def __init__(self, store: Store, texts: Words) -> None:
        self._queue, self._runs = store.queue, store.runs
        self._texts = texts

    def here(self) -> None:
        """Makes the line, which holds no forecast at first."""
        self.line = gr.HTML(told("", self._texts), elem_id="outlook")

    def listen(self, ui: Ui, ends: Iterable[Dependency], chips: gr.HTML) -> None:
        """Updates the forecast when its inputs change, and adjusts the running picture by its settings.

        Args:
            ui: the shared components.
            ends: the events after which no picture of this tab is being painted.
            chips: what changes with all that acts unseen.
        """
        self.ui = ui
        self._foretell(ends, chips)
        for knob in knobs():
            if knob.live:
                self._steer(knob.name)

    def _foretell(self, ends: Iterable[Dependency], chips: gr.HTML) -> None:
        ui, controls = self.ui, self.ui.knobs.controls
        used = [controls[knob.name].input for knob in knobs() if not knob.live]
        # Events at which settings may have changed without a visitor using a control.
        filled = [chips.change, ui.knobs.preset_help.change, ui.notes["content"].change]
        boxes = (ui.boxes[name] for name in _LOOKED_AT)
        looked_at = {ui.job_id, *boxes, ui.painted, *ui.knobs.inputs}
        gr.on(
            [*used, ui.boxes["content"].change, ui.boxes["style"].change, *filled],
            self._foretold,
            looked_at,
            self.line,
            trigger_mode="always_last",
            **QUIET,
        )
        for end in ends:
            end.then(self._foretold, looked_at, self.line, **QUIET)

    async def _foretold(self, sent: Sent) -> Any:
        job = self._queue.find(sent[self.ui.job_id])
        running = job is not None and not job.finished
        try:
            settings = self.ui.settings(sent)
        except SettingsError:
            # The error is shown when the visitor presses Paint, or was told by `_adjuster` just now.
            return gr.skip() if running else told("", self._texts)
        files = {name: file_of(sent[self.ui.boxes[name]]) for name in _LOOKED_AT}
        if running and self._is_being_painted(sent[self.ui.job_id], settings, files):
            return told("", self._texts)  # nothing differs: there is no next picture to speak of
        masks = len(self.ui.masks(sent) & set(MASKS))
        coming = await decoding.aside(self._coming, settings, files, masks)
        if coming is None:
            return told("", self._texts)
        try:
            quota = self._queue.quota(coming.seconds)
        except StyleTransferError as error:
            return told(self._texts.error(error), self._texts, "next" if running else "")
        if running:
            return told(in_words(coming, None, quota, self._texts), self._texts, "next")
        return told(in_words(coming, self._queue.ahead_of_next, quota, self._texts), self._texts)

    def _is_being_painted(self, id: str, settings: Settings, files: Mapping[str, Any]) -> bool:
        """Whether the run was started from just this, but for settings that act on it at once.

        An answer that was asked for before Paint was pressed may come only after it.
        """
        run = self._runs.find_run(id)
        if run is None:
            return False
        started = run.inputs
        chosen = dict(files)
        if run.series and files.get("content") in run.series.photos:
            del chosen["content"]  # the box stays as it is while the other photos are painted
        same = all(started.files.get(name) == file for name, file in chosen.items() if file)
        return same and settings.with_live(started.settings) == started.settings

    def _coming(self, settings: Settings, files: Mapping[str, Any], masks: int) -> Forecast | None:
        sizes = {name: file and decoding.size(file) for name, file in files.items()}
        paintings = [size for name in STYLES if (size := sizes[name])]
        try:
            return forecast(self._queue.pace, settings, sizes["content"], paintings, masks)
        except StyleTransferError:
            return None

    def _steer(self, name: str) -> None:
        """Lets this setting's control change the picture of this tab while it is painted."""
        control = self.ui.knobs.controls[name]
        control.input(
            self._adjuster(name),
            {self.ui.job_id, self.line, control},
            self.line,
            trigger_mode="always_last",
            **QUIET,
        )

    def _adjuster(self, name: str) -> Callable[[Sent], Any]:
        failed = told(self._texts.STEERING_FAILED, self._texts, "next")

        def adjust(sent: Sent) -> Any:
            run = self._runs.find_run(sent[self.ui.job_id])
            if run is None or run.finished:
                return gr.skip()
            try:
                run.adjust(**{name: sent[self.ui.knobs.controls[name]]})
            except StyleTransferError:
                return failed
            # Answers may arrive in any order: replace only the error message, not a newer forecast.
            return told("", self._texts) if sent[self.line] == failed else gr.skip()

        return adjust


def told(sentence: str, texts: Words, kind: str = "") -> str:
    """The line as HTML: what can be adjusted, shown only during painting, and the forecast.

    Args:
        sentence: the forecast; empty for none.
        texts: the texts in the page's language.
        kind: "next" if the forecast is for the next picture, so that it is shown during painting, too.
    """
    return render("forecast_line", steering=texts.STEERING, kind=kind, sentence=sentence)


def in_words(
    coming: Forecast, waiting: int | None = 0, quota: int | None = None, texts: Words = ENGLISH
) -> str:
    """What painting will take, in one sentence: time, memory and size.

    Args:
        coming: the forecast.
        waiting: how many pictures come first; None if it is for the next picture of who has one already.
        quota: the seconds of borrowed time that are asked for, in place of the memory; None if none is.
        texts: the texts in the page's language.
    """
    if quota is None:
        form = texts.FORECAST_NEXT if waiting is None else texts.FORECAST
    else:
        form = texts.FORECAST_BORROWED_NEXT if waiting is None else texts.FORECAST_BORROWED
    sentence = form.format(
        time=roughly(coming.seconds, texts),
        memory=texts.number(f"{coming.bytes / 1e9:.1f}"),
        n=quota,
        width=coming.width,
        height=coming.height,
    )
    if not waiting:
        return sentence
    line = texts.FORECAST_LINE_MANY if waiting > 1 else texts.FORECAST_LINE_ONE
    return f"{sentence}, {line.format(n=waiting)}"
