"""The captions of the catalogue's paintings and finished examples, and of one photo of several."""

from ..catalogue import Catalogue, Example, Style
from ..service.job import Job
from ..service.run import Run
from .i18n.translate import Words


def painting_caption(style: Style, texts: Words) -> str:
    """A painting's artist, title and, if it is known, year."""
    form = texts.PAINTING_CAPTION if style.year else texts.PAINTING_CAPTION_UNDATED
    return form.format(artist=style.artist, title=style.title, year=style.year)


def whose(style: Style) -> str:
    """A painting's artist and, if it is known, year."""
    return ", ".join(filter(None, (style.artist, style.year)))


def example_caption(catalogue: Catalogue, shown: Example, texts: Words) -> str:
    """An example's photo, and its painting with artist, title and year."""
    photo = next(photo.title for photo in catalogue.photos if photo.file == shown.photo)
    style = next(style for style in catalogue.styles if style.file == shown.style)
    return texts.EXAMPLE_CAPTION.format(photo=photo, style=painting_caption(style, texts))


def photo_of(job: Job, texts: Words) -> str:
    """Which of several photos a run paints; empty for a picture by itself."""
    series = job.series if isinstance(job, Run) else None
    if series is None:
        return ""
    return texts.PHOTO_OF.format(n=series.place_of(job.id) + 1, count=len(series.photos))


def painted_of(job: Job, texts: Words) -> str:
    """How many of several photos are painted, and why others are not; empty for a picture by itself."""
    series = job.series if isinstance(job, Run) else None
    if series is None:
        return ""
    said = texts.PHOTOS_DONE.format(n=len(series.runs), count=len(series.photos))
    return " ".join([said, *(texts.error(error) for error in series.wrong.values())])
