"""What differs in how several pictures were made, in the words of the knobs: pure functions of runs."""

from collections.abc import Callable, Sequence
from typing import Any

from ..catalogue import style_at
from ..pictures import STYLES
from ..service.run import Run
from ..settings import Knob, knobs
from .i18n.translate import Words

Row = tuple[str, str]  # what a setting is called, and its value


def differences(runs: Sequence[Run], source_of: Callable[[Any], Any], texts: Words) -> list[list[Row]]:
    """For each run its paintings and settings, but only those in which the runs differ.

    Args:
        runs: that are compared.
        source_of: gives the whole painting's file of the file of a part of it.
        texts: the texts in the page's language.
    """
    columns = [_made_with(run, source_of, texts) for run in runs]
    rows = [row for row in zip(*columns, strict=True) if len(set(row)) > 1]
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in runs]


def value_text(knob: Knob, value: Any, texts: Words) -> str:
    """The value of a setting as the page says it, such as "Painted", "yes" or "0.5"."""
    if knob.choices is not None:
        return texts.choice(knob.name, value)
    if knob.kind is bool:
        return texts.YES if value else texts.NO
    text = knob.text(value)
    return text if knob.kind is str else texts.number(text)


def _made_with(run: Run, source_of: Callable[[Any], Any], texts: Words) -> list[Row]:
    settings = run.painted_settings
    told = [texts.knob(knob) for knob in knobs()]
    rows = [(knob.label, value_text(knob, getattr(settings, knob.name), texts)) for knob in told]
    return [(texts.PICTURE_PAINTING, _paintings(run, source_of, texts)), *rows]


def _paintings(run: Run, source_of: Callable[[Any], Any], texts: Words) -> str:
    files = [run.inputs.files[name] for name in STYLES if name in run.inputs.files]
    named = [style_at(source_of(file)) for file in files]
    return " + ".join(texts.style(each).title if each else texts.SHEET_OWN for each in named)
