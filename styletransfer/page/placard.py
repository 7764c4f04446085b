"""The placard below the picture as HTML: the state of the job, its progress and its losses.

Pure functions of jobs, independent of Gradio events.
"""

from dataclasses import dataclass, replace

from ..catalogue import Catalogue, Example
from ..engine.step import Step
from ..errors import StyleTransferError
from ..look_link import Look
from ..service.job import Job
from ..service.run import Run
from .assets import render
from .captions import example_caption, painted_of, painting_caption, photo_of
from .chart import chart
from .data_url import data_url
from .i18n.translate import Words

_HOURS = 5400  # seconds from which on a duration is told in hours
_NAMED = 3  # parts of a link that are named as left out; further ones are counted


@dataclass(frozen=True)
class Placard:
    """The contents of the placard.

    Attributes:
        state: the CSS class, such as "painting".
        what, detail, when: what is going on, with which picture, and the progress or a hint.
        losses: the losses of the last step, in words.
        share: the share of the work that is done, from 0 to 1.
        job: the job that it is about.
        drawn: the chart of the losses, as HTML.
        role: the ARIA role; "alert" for errors.
        picture, alt: the URL of a picture to show, and what it is; only where it cannot be shown above.
        ticket: by which the page may ask for the job before there is one, as `Runs.begun`.
        brief: whether screen readers say only `what` and `detail`; `when` changes too often.
    """

    state: str
    what: str
    detail: str = ""
    when: str = ""
    losses: str = ""
    share: float = 0
    job: Job | None = None
    drawn: str = ""
    role: str = "status"
    picture: str = ""
    alt: str = ""
    ticket: str = ""
    brief: bool = False

    @property
    def spoken(self) -> str:
        """The text for screen readers."""
        if self.brief:
            return f"{self.what}: {self.detail}"
        return " ".join(filter(None, (self.what, self.detail, self.when)))

    def html(self) -> str:
        """The placard as HTML, with the same elements in every state."""
        return render("placard", placard=self)


def example(catalogue: Catalogue, shown: Example, hint: str, texts: Words) -> str:
    """Says that the picture is an example, and which photo and painting it is made from."""
    return Placard("example", texts.EXAMPLE, example_caption(catalogue, shown, texts), hint).html()


def preparing(texts: Words, ticket: str) -> str:
    """Says that a picture is being prepared, before there is a job for it, but a ticket."""
    what, when, drawn = texts.PREPARING, texts.PREPARING_DETAIL, chart([], 1, texts)
    return Placard("waiting", what, when=when, drawn=drawn, ticket=ticket).html()


def failed(error: StyleTransferError, texts: Words) -> str:
    """Says why no job could be started, or why one cannot be watched any further."""
    return Placard("failed", texts.FAILED, texts.error(error), role="alert").html()


def job_failed(job: Job, error: StyleTransferError, drawn: str, texts: Words) -> str:
    """Says why the job did not work, beside the chart of what was painted."""
    said = texts.error(error)
    placard = Placard("failed", texts.FAILED, said, job=job, drawn=drawn, role="alert")
    if error.code == "picture_cannot_be_kept" and job.view is not None:
        # In the page itself, because no file can be written to show it.
        image = job.view.image if isinstance(job.view, Step) else job.view
        placard = replace(placard, picture=data_url(image, 90), alt=texts.PICTURE_ALT)
    return placard.html()


def deleted(texts: Words, count: int | None = None) -> str:
    """Says that the visitor's pictures have been deleted.

    Args:
        texts: the texts in the page's language.
        count: how many were deleted; None if that is not known here.
    """
    if count is None:
        detail = texts.DELETED_DETAIL
    elif count == 0:
        detail = texts.DELETED_NONE
    else:
        detail = (texts.DELETED_ONE if count == 1 else texts.DELETED_MANY).format(n=count)
    return Placard("deleted", texts.DELETED, detail).html()


def from_link(look: Look, texts: Words, shared: bool = False) -> str:
    """Says what a link has filled in, and what of it was left out.

    Args:
        look: what the link asks for.
        texts: the texts in the page's language.
        shared: whether the painting is there that somebody has shared with it.
    """
    hint = texts.FROM_LINK_DETAIL if look.style or shared else texts.FROM_LINK_NO_STYLE
    if look.painting and not shared:
        hint = f"{texts.FROM_LINK_PAINTING_GONE} {hint}"
    caption = texts.SHARED_PAINTING if shared else ""
    if look.style and not shared:
        caption = painting_caption(texts.style(look.style), texts)
    when = f"{hint} {_left_out(look, texts)}".strip()
    return Placard("example", texts.FROM_LINK, caption, when).html()


def _left_out(look: Look, texts: Words) -> str:
    """A sentence on the parts of a link that could not be followed; empty if there are none."""
    named = list(look.left_out[:_NAMED])
    if len(look.left_out) > _NAMED:
        named.append(texts.LINK_AND_MORE.format(n=len(look.left_out) - _NAMED))
    return texts.LINK_LEFT_OUT.format(parts=", ".join(named)) if named else ""


def progress(job: Run, texts: Words) -> str:
    """The state of a run: waiting, painting, done, stopped or failed."""
    if job.finished:
        return _ending(job, _chart(job, texts), texts)
    if job.step is None:
        return waiting(job, texts)
    return _painting(job, job.step, _chart(job, texts), texts).html()


def waiting(job: Job, texts: Words) -> str:
    """Says how many jobs are before this one in the queue."""
    what = texts.WAITING_MANY.format(n=job.ahead)
    when = texts.WAITING_UNATTENDED if job.unattended else texts.WAITING_DETAIL
    begins = texts.BEGINS.format(time=roughly(job.waits, texts)) if job.waits else ""
    if job.ahead == 0:
        what, when = texts.PREPARING, texts.PREPARING_DETAIL
    elif job.ahead == 1:
        what = texts.WAITING_ONE
    detail = _joined(photo_of(job, texts), begins)
    return Placard("waiting", what, detail, when, job=job, drawn=chart([], 1, texts)).html()


def _painting(job: Run, step: Step, drawn: str, texts: Words) -> Placard:
    form = texts.SIZE if step.scales > 1 else texts.ONLY_SIZE
    size = form.format(scale=step.scale, scales=step.scales, width=step.width, height=step.height)
    if job.view is not None and job.view is job.draft:
        size = f"{size} · {texts.DRAFTED}"
    left = texts.LEFT.format(time=time_text(step.remaining, texts))
    when = (
        texts.STEP.format(number=step.number, steps=step.steps),
        texts.SO_FAR.format(time=time_text(step.elapsed, texts)),
        left if step.remaining >= 1 else texts.NEARLY,
    )
    return Placard(
        "painting",
        texts.PAINTING,
        _joined(photo_of(job, texts), size),
        " · ".join(when),
        losses=_told(job, step, texts),
        share=step.elapsed / max(step.elapsed + step.remaining, 1e-9),
        job=job,
        drawn=drawn,
        brief=True,
    )


def _ending(job: Run, drawn: str, texts: Words) -> str:
    if job.error is not None:
        return job_failed(job, job.error, drawn, texts)
    if job.view is None:
        return Placard("failed", texts.STOPPED_EARLY, job=job, drawn=drawn).html()
    if not isinstance(job.view, Step):
        detail = texts.STOPPED_AT_DRAFT
        return Placard("done", texts.STOPPED, detail, share=1, job=job, drawn=drawn).html()
    return _done(job, job.step, drawn, texts).html()


def _done(job: Run, step: Step, drawn: str, texts: Words) -> Placard:
    early = step.number < step.steps
    detail = texts.STOPPED_DETAIL if early else texts.DONE_DETAIL
    return Placard(
        "done",
        texts.STOPPED if early else texts.DONE,
        detail.format(
            width=step.width,
            height=step.height,
            number=step.number,
            steps=step.steps,
            time=time_text(step.elapsed, texts),
        ),
        painted_of(job, texts),
        losses=_losses(step, texts),
        share=1,
        job=job,
        drawn=drawn,
    )


def _chart(job: Run, texts: Words) -> str:
    """The chart of the losses up to the last whole second, so that it changes once a second at most."""
    losses = job.losses[:]
    if losses and not job.finished:
        losses = [point for point in losses if point.elapsed <= int(losses[-1].elapsed)]
    return chart(losses, job.settings.steps, texts)


def note(sentence: str = "", told: bool = False) -> str:
    """A note under an input: an error, or with `told` a message; an empty one if nothing is wrong."""
    kind, role = ("note told", "status") if told else ("note", "alert")
    return render("sentence", kind=kind, role=role, sentence=sentence)


def time_text(seconds: float, texts: Words) -> str:
    """A duration, such as "48 s" or "3 min 5 s"."""
    minutes, rest = divmod(round(seconds), 60)
    return texts.MINUTES.format(m=minutes, s=rest) if minutes else texts.SECONDS.format(s=rest)


def roughly(seconds: float, texts: Words) -> str:
    """A duration in words, rounded to what can be predicted."""
    if seconds >= _HOURS:
        return texts.HOURS.format(h=texts.number(f"{round(seconds / 1800) / 2:g}"))
    grain = 1 if seconds < 20 else 5 if seconds < 120 else 10 if seconds < 600 else 60
    rounded = max(1, grain * round(seconds / grain))
    return time_text(rounded, texts) if rounded % 60 else texts.ONLY_MINUTES.format(m=rounded // 60)


def _told(job: Run, step: Step, texts: Words) -> str:
    return _joined(_losses(step, texts), texts.note(step.note), _resumed(job, texts))


def _joined(*said: str) -> str:
    """What is not empty of these, with dots between."""
    return " · ".join(filter(None, said))


def _resumed(job: Run, texts: Words) -> str:
    if job.before:
        return texts.RESUMED.format(number=job.before.number)
    return texts.BEGUN_ANEW if job.interrupted else ""


def _losses(step: Step, texts: Words) -> str:
    losses = {"content": step.content, "style": step.style, "total": step.total}
    return texts.LOSSES.format(**{name: texts.number(_number(loss)) for name, loss in losses.items()})


def _number(loss: float) -> str:
    return f"{loss:,.0f}" if abs(loss) >= 1000 else f"{loss:.3g}"
