"""What stands beside the pictures, as HTML: the placard below, the row of paintings, the example cards.

Pure functions of jobs and catalogue; knows nothing of events.
"""

import base64
from collections.abc import Iterable
from functools import cache
from html import escape
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from ..catalogue import Catalogue, Example, Style
from ..engine.stylize import Step
from ..errors import StyleTransferError
from ..look_link import Look
from ..service.inputs import MASK_COLOURS
from ..service.job import Job
from ..service.run import Run
from .chart import chart
from .i18n.translate import Words

_NAMED = 3  # of what is left out of a link, before it becomes a list


def example(catalogue: Catalogue, shown: Example, hint: str, texts: Words) -> str:
    """Says that the picture above is an example, and of what."""
    return placard("example", texts.EXAMPLE, example_caption(catalogue, shown, texts), hint)


def example_caption(catalogue: Catalogue, shown: Example, texts: Words) -> str:
    photo = next(each.title for each in catalogue.photos if each.file == shown.photo)
    style = next(each for each in catalogue.styles if each.file == shown.style)
    return texts.EXAMPLE_CAPTION.format(photo=photo, style=painting_caption(style, texts))


def painting_caption(style: Style, texts: Words) -> str:
    return texts.PAINTING_CAPTION.format(artist=style.artist, title=style.title, year=style.year)


def preparing(texts: Words) -> str:
    drawn = chart([], 1, texts)
    return placard("waiting", texts.PREPARING, "", texts.PREPARING_DETAIL, drawn=drawn)


def failed(error: StyleTransferError, texts: Words) -> str:
    """Says why it did not work."""
    return placard("failed", texts.FAILED, texts.error(error), "", role="alert")


def deleted(texts: Words) -> str:
    """Says that nothing of the visitor's is left."""
    return placard("deleted", texts.DELETED, texts.DELETED_DETAIL, "")


def from_link(look: Look, texts: Words) -> str:
    """Says what a link has filled in, and what of it was left out."""
    hint = texts.FROM_LINK_DETAIL if look.style else texts.FROM_LINK_NO_STYLE
    caption = painting_caption(texts.style(look.style), texts) if look.style else ""
    return placard("example", texts.FROM_LINK, caption, f"{hint} {_left_out(look, texts)}".strip())


def _left_out(look: Look, texts: Words) -> str:
    """One sentence on what of a link could not be followed; empty where all could."""
    named = list(look.left_out[:_NAMED])
    if len(look.left_out) > _NAMED:
        named.append(texts.LINK_AND_MORE.format(n=len(look.left_out) - _NAMED))
    return texts.LINK_LEFT_OUT.format(parts=", ".join(named)) if named else ""


def waiting(job: Job, texts: Words) -> str:
    """Says how many come first."""
    drawn = chart([], 1, texts)
    if job.ahead == 0:
        return placard("waiting", texts.PREPARING, "", texts.PREPARING_DETAIL, job=job, drawn=drawn)
    what = texts.WAITING_ONE if job.ahead == 1 else texts.WAITING_MANY.format(n=job.ahead)
    return placard("waiting", what, "", texts.WAITING_DETAIL, job=job, drawn=drawn)


def job_failed(job: Job, error: StyleTransferError, drawn: str, texts: Words) -> str:
    """Says why the job did not work, above the chart of what was painted."""
    sentence = texts.error(error)
    return placard("failed", texts.FAILED, sentence, "", job=job, drawn=drawn, role="alert")


def progress(job: Run, texts: Words) -> str:
    """How the picture stands: waiting, painting, done, stopped or failed."""
    step, drawn = job.step, _chart(job, texts)
    if job.finished:
        return _ending(job, drawn, texts)
    if step is None:
        return waiting(job, texts)
    form = texts.SIZE if step.scales > 1 else texts.ONLY_SIZE
    size = form.format(scale=step.scale, scales=step.scales, width=step.width, height=step.height)
    if job.view is not None and job.view is job.draft:
        size = f"{size} · {texts.DRAFTED}"
    when = " · ".join(
        (
            texts.STEP.format(number=step.number, steps=step.steps),
            texts.SO_FAR.format(time=time_text(step.elapsed, texts)),
            texts.LEFT.format(time=time_text(step.remaining, texts))
            if step.remaining >= 1
            else texts.NEARLY,
        )
    )
    share = step.elapsed / max(step.elapsed + step.remaining, 1e-9)
    return placard(
        "painting",
        texts.PAINTING,
        size,
        when,
        losses=_told(step, texts),
        share=share,
        job=job,
        drawn=drawn,
        quiet=True,
    )


def _ending(job: Run, drawn: str, texts: Words) -> str:
    step = job.step
    if job.error is not None:
        return job_failed(job, job.error, drawn, texts)
    if not isinstance(job.view, Step):
        if job.view is None:
            return placard("failed", texts.STOPPED_EARLY, "", "", job=job, drawn=drawn)
        return placard("done", texts.STOPPED, texts.STOPPED_AT_DRAFT, "", share=1, job=job, drawn=drawn)
    early = step.number < step.steps
    detail = texts.STOPPED_DETAIL if early else texts.DONE_DETAIL
    return placard(
        "done",
        texts.STOPPED if early else texts.DONE,
        detail.format(
            width=step.width,
            height=step.height,
            number=step.number,
            steps=step.steps,
            time=time_text(step.elapsed, texts),
        ),
        "",
        losses=_losses(step, texts),
        share=1,
        job=job,
        drawn=drawn,
    )


def placard(
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
    """What stands under the picture: a state, what happens, details, and for how long yet."""
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


def _chart(job: Run, texts: Words) -> str:
    """The losses up to the newest whole second, so that it is not drawn more often; all at the end."""
    losses = job.losses[:]
    if losses and not job.finished:
        losses = [point for point in losses if point.elapsed <= int(losses[-1].elapsed)]
    return chart(losses, job.settings.steps, texts)


def note(sentence: str = "", told: bool = False) -> str:
    """What is wrong with an input, right under it, or only to be told of it; empty if nothing is."""
    kind, role = ("note told", "status") if told else ("note", "alert")
    return f'<p class="{kind}" role="{role}">{escape(sentence)}</p>'


def time_text(seconds: float, texts: Words) -> str:
    """ "48 s", "3 min 5 s"."""
    minutes, rest = divmod(round(seconds), 60)
    return texts.MINUTES.format(m=minutes, s=rest) if minutes else texts.SECONDS.format(s=rest)


def style_row(catalogue: Catalogue, texts: Words, empty: str) -> str:
    """A row of buttons, one a painting, and a line for the name of the chosen one, at first `empty`."""
    buttons = "".join(
        f'<button type="button" data-index="{index}" title="{escape(painting_caption(style, texts))}" '
        f'aria-pressed="false"><img src="{_thumbnail(style.file, 144, square=True)}" '
        f'alt="{escape(painting_caption(style, texts))}" width="72" height="72">'
        f'<span aria-hidden="true"><b>{escape(style.title)}</b> {escape(style.artist)}, '
        f"{escape(style.year)}</span></button>"
        for index, style in enumerate(catalogue.styles)
    )
    return (
        f'<div class="styles" role="group" aria-label="{escape(empty)}">{buttons}</div>'
        f'<p class="chosen" data-empty="{escape(empty)}">{escape(empty)}</p>'
    )


def mask_hint(names: Iterable[str], texts: Words) -> str:
    """How masks are painted, and which colour is for which of the paintings."""
    legend = "".join(
        f'<li><i style="background: {colour}"></i>{escape(name)}</li>'
        for colour, name in zip(MASK_COLOURS, names, strict=True)
    )
    return f'<p>{escape(texts.MASKS_HINT)}</p><ul class="legend">{legend}</ul>'


def example_cards(catalogue: Catalogue, texts: Words) -> str:
    """A card a finished example: the result large, with photo and painting beside it."""
    cards = "".join(
        f'<button type="button" class="card" data-index="{index}" '
        f'aria-label="{escape(texts.EXAMPLE)}: {escape(example_caption(catalogue, each, texts))}">'
        f'<img class="result" src="{_thumbnail(each.result, 360)}" alt="">'
        f'<span><img src="{_thumbnail(each.photo, 96, square=True)}" alt="">'
        f'<img src="{_thumbnail(each.style, 96, square=True)}" alt="">'
        f"<em>{escape(example_caption(catalogue, each, texts))}</em></span></button>"
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


def _told(step: Step, texts: Words) -> str:
    return " · ".join(filter(None, (_losses(step, texts), texts.note(step.note))))


def _losses(step: Step, texts: Words) -> str:
    losses = {"content": step.content, "style": step.style, "total": step.total}
    return texts.LOSSES.format(**{name: texts.number(_number(loss)) for name, loss in losses.items()})


def _number(loss: float) -> str:
    return f"{loss:,.0f}" if abs(loss) >= 1000 else f"{loss:.3g}"
