"""What stands beside the pictures, as HTML: the placard below, the row of paintings, the example cards.

Pure functions of jobs and catalogue; knows nothing of events.
"""

import base64
import re
from collections.abc import Iterable
from functools import cache
from html import escape
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from . import texts
from .catalogue import Catalogue, Example
from .chart import chart
from .handed import COLOURS
from .jobs import Job
from .settings import knobs
from .stylize import Step


def example(catalogue: Catalogue, shown: Example, hint: str) -> str:
    """Says that the picture above is an example, and of what."""
    return _placard("example", texts.EXAMPLE, example_caption(catalogue, shown), hint)


def example_caption(catalogue: Catalogue, shown: Example) -> str:
    photo = next(each.title for each in catalogue.photos if each.file == shown.photo)
    style = next(each.caption for each in catalogue.styles if each.file == shown.style)
    return texts.EXAMPLE_CAPTION.format(photo=photo, style=style)


def preparing() -> str:
    return _placard("waiting", texts.PREPARING, "", texts.PREPARING_DETAIL, drawn=chart([], 1))


def failed(sentence: str) -> str:
    """Says why it did not work; the page's words for the settings' names."""
    labels = {knob.name: knob.label for knob in knobs()}
    # A name stands first in its sentence, or shows by its underscore that it is one.
    words = re.sub(r"^\w+|\b[a-z]+_[a-z_]+\b", lambda name: labels.get(name[0], name[0]), sentence)
    return _placard("failed", texts.FAILED, words, "", role="alert")


def progress(job: Job) -> str:
    """How the job stands: waiting, painting, done, stopped or failed."""
    step = job.step
    if job.finished:
        return _ending(job)
    if step is None:
        if job.ahead == 0:
            return _placard("waiting", texts.PREPARING, "", texts.PREPARING_DETAIL, job=job)
        what = texts.WAITING_ONE if job.ahead == 1 else texts.WAITING_MANY.format(n=job.ahead)
        return _placard("waiting", what, "", texts.WAITING_DETAIL, job=job)
    form = texts.SIZE if step.scales > 1 else texts.ONLY_SIZE
    size = form.format(scale=step.scale, scales=step.scales, width=step.width, height=step.height)
    if job.view is not None and job.view is job.draft:
        size = f"{size} · {texts.DRAFTED}"
    when = " · ".join(
        (
            texts.STEP.format(number=step.number, steps=step.steps),
            texts.SO_FAR.format(time=time_text(step.elapsed)),
            texts.LEFT.format(time=time_text(step.remaining)) if step.remaining >= 1 else texts.NEARLY,
        )
    )
    share = step.elapsed / max(step.elapsed + step.remaining, 1e-9)
    return _placard(
        "painting", texts.PAINTING, size, when, losses=_told(step), share=share, job=job, quiet=True
    )


def _ending(job: Job) -> str:
    step = job.step
    if job.error is not None:
        return _placard("failed", texts.FAILED, str(job.error), "", job=job, role="alert")
    if not isinstance(job.view, Step):
        if job.view is None:
            return _placard("failed", texts.STOPPED_EARLY, "", "", job=job)
        return _placard("done", texts.STOPPED, texts.STOPPED_AT_DRAFT, "", share=1, job=job)
    early = step.number < step.steps
    detail = texts.STOPPED_DETAIL if early else texts.DONE_DETAIL
    return _placard(
        "done",
        texts.STOPPED if early else texts.DONE,
        detail.format(
            width=step.width,
            height=step.height,
            number=step.number,
            steps=step.steps,
            time=time_text(step.elapsed),
        ),
        "",
        losses=_losses(step),
        share=1,
        job=job,
    )


def _placard(
    state: str,
    what: str,
    detail: str,
    when: str,
    losses: str = "",
    share: float = 0,
    job: Job | None = None,
    role: str = "status",
    quiet: bool = False,
    drawn: str = "",
) -> str:
    if job:
        drawn = _chart(job)
    # The same elements in every state: the page changes what differs and keeps the rest, so that a
    # screen reader's live region lives on and the bar glides.
    # While it paints only the size is spoken: steps would never let the reader finish.
    spoken = f"{what}: {detail}" if quiet else " ".join(filter(None, (what, detail, when)))
    # From here the page's script takes the id that this tab remembers.
    id = f' data-job="{escape(job.id)}"' if job else ""
    return (
        f'<div class="placard {state}"{id}>'
        f'<div class="track" aria-hidden="true"><i style="width: {100 * share:.1f}%"></i></div>'
        f'<div aria-hidden="true"><p class="what"><strong>{escape(what)}</strong> '
        f"<span>{escape(detail)}</span></p>"
        f'<p class="when">{escape(when)}</p><p class="losses">{escape(losses)}</p></div>'
        f'<div class="drawn">{drawn}</div>'
        f'<p class="spoken" role="{role}">{escape(spoken)}</p></div>'
    )


def _chart(job: Job) -> str:
    """The losses up to the newest whole second, so that it is not drawn more often; all at the end."""
    marks = job.marks[:]
    if marks and not job.finished:
        marks = [mark for mark in marks if mark.elapsed <= int(marks[-1].elapsed)]
    return chart(marks, job.settings.steps)


def note(sentence: str = "", told: bool = False) -> str:
    """What is wrong with an input, right under it, or only to be told of it; empty if nothing is."""
    kind, role = ("note told", "status") if told else ("note", "alert")
    return f'<p class="{kind}" role="{role}">{escape(sentence)}</p>'


def time_text(seconds: float) -> str:
    """ "48 s", "3 min 5 s"."""
    minutes, rest = divmod(round(seconds), 60)
    return texts.MINUTES.format(m=minutes, s=rest) if minutes else texts.SECONDS.format(s=rest)


def style_row(catalogue: Catalogue) -> str:
    """A row of buttons, one a painting, and a line for the name of the chosen one."""
    buttons = "".join(
        f'<button type="button" data-index="{index}" title="{escape(style.caption)}" '
        f'aria-pressed="false"><img src="{_thumbnail(style.file, 144, square=True)}" '
        f'alt="{escape(style.caption)}" width="72" height="72"></button>'
        for index, style in enumerate(catalogue.styles)
    )
    return (
        f'<div class="styles" role="group" aria-label="{escape(texts.STYLES)}">{buttons}</div>'
        f'<p class="chosen" data-empty="{escape(texts.STYLES)}">{escape(texts.STYLES)}</p>'
    )


def mask_hint(names: Iterable[str]) -> str:
    """How masks are painted, and which colour is for which of the paintings."""
    legend = "".join(
        f'<li><i style="background: {colour}"></i>{escape(name)}</li>'
        for colour, name in zip(COLOURS, names, strict=True)
    )
    return f'<p>{escape(texts.MASKS_HINT)}</p><ul class="legend">{legend}</ul>'


def example_cards(catalogue: Catalogue) -> str:
    """A card a finished example: the result large, with photo and painting beside it."""
    cards = "".join(
        f'<button type="button" class="card" data-index="{index}" '
        f'aria-label="{escape(texts.EXAMPLE)}: {escape(example_caption(catalogue, each))}">'
        f'<img class="result" src="{_thumbnail(each.result, 360)}" alt="">'
        f'<span><img src="{_thumbnail(each.photo, 96, square=True)}" alt="">'
        f'<img src="{_thumbnail(each.style, 96, square=True)}" alt="">'
        f"<em>{escape(example_caption(catalogue, each))}</em></span></button>"
        for index, each in enumerate(catalogue.examples)
        if each.result.exists()
    )
    return f'<div class="cards">{cards}</div>'


@cache
def _thumbnail(file: Path, size: int, square: bool = False) -> str:
    """A small copy as a data URL: the page asks for nothing more than itself."""
    with Image.open(file) as image:
        image.draft("RGB", (2 * size, 2 * size))
        small = image.convert("RGB")
    if square:
        small = ImageOps.fit(small, (size, size))
    else:
        small.thumbnail((size, size))
    data = BytesIO()
    small.save(data, "WEBP", quality=80)
    return f"data:image/webp;base64,{base64.b64encode(data.getvalue()).decode()}"


def _told(step: Step) -> str:
    return " · ".join(filter(None, (_losses(step), step.note)))


def _losses(step: Step) -> str:
    return texts.LOSSES.format(
        content=_number(step.content), style=_number(step.style), total=_number(step.total)
    )


def _number(loss: float) -> str:
    return f"{loss:,.0f}" if abs(loss) >= 1000 else f"{loss:.3g}"
