"""Sizes by what a picture is for: a phone, a screen, paper; each with its pixels and its time here."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from ..engine.forecast import Forecast
from ..errors import StyleTransferError
from ..settings import knobs
from .assets import render
from .i18n.translate import Words
from .placard import roughly

_INCH = 25.4  # millimetres
LONG = 300  # seconds from which on a small picture first is advised: few stay for longer (a judgement)
_STEP = cast(int, next(knob.step for knob in knobs() if knob.name == "size"))


@dataclass(frozen=True)
class Use:
    """What a picture may be for.

    Attributes:
        text: the name of its text.
        size: the long side in pixels, as the setting `size` takes it.
        dpi: dots per inch on paper; None on a screen.
    """

    text: str
    size: int
    dpi: int | None = None


def _on_screen(text: str, pixels: float) -> Use:
    return Use(text, _STEP * math.ceil(pixels / _STEP))


def _on_paper(text: str, millimetres: float, dpi: int) -> Use:
    return Use(text, _STEP * math.ceil(millimetres / _INCH * dpi / _STEP), dpi)


# Papers by their long sides. 150 dots per inch look sharp on a wall, 200 in the hand.
_PAPERS = {"FOR_POSTCARD": 148, "FOR_A4": 297, "FOR_A3": 420}
USES = (
    _on_screen("FOR_PHONE", 1080 * 1.5),  # an upright picture of 2:3 across most phones' screens
    _on_screen("FOR_SCREEN", 1920),
    *(_on_paper(text, long, dpi) for text, long in _PAPERS.items() for dpi in (150, 200)),
)


@dataclass(frozen=True)
class Offer:
    """A size that is offered.

    Attributes:
        place: of its use in `USES`.
        coming: what painting it will take.
        free: the bytes that are free for that.
    """

    place: int
    coming: Forecast
    free: float

    @property
    def fits(self) -> bool:
        """Whether there is enough memory."""
        return self.coming.least <= self.free


def offers(foretold: Callable[[int], Forecast], free: float, above: int = 0) -> list[Offer]:
    """The sizes that can be offered, in the order of `USES`.

    Args:
        foretold: forecasts a picture of this size; an error leaves it out.
        free: the bytes that are free for painting.
        above: only larger sizes are offered.
    """
    found = []
    for place, use in enumerate(USES):
        try:
            if use.size > above:
                found.append(Offer(place, foretold(use.size), free))
        except StyleTransferError:
            continue
    return found


def name_of(use: Use, texts: Words) -> str:
    """What a use is called, such as "A4, 150 dpi"."""
    name = getattr(texts, use.text)
    return texts.FOR_PRINT.format(paper=name, dpi=use.dpi) if use.dpi else name


def tiles(offered: Sequence[Offer], chosen: int, texts: Words, label: str) -> str:
    """The offers as HTML: a button for each, which sends its place in `USES`.

    Args:
        offered: the offers.
        chosen: the size that is set.
        texts: the texts in the page's language.
        label: what they are, for screen readers.
    """
    return render("sizes", rows=list(_rows(offered, chosen, texts)), label=label)


def advised(seconds: float, hints: Sequence[str], texts: Words) -> str:
    """What is to be thought of before the size that is set is painted, as HTML.

    Args:
        seconds: how long it takes.
        hints: what else is said of it.
        texts: the texts in the page's language.
    """
    long = seconds >= LONG
    first = texts.FOR_LONG.format(time=roughly(seconds, texts)) if long else texts.FOR_LARGE
    kind = "hint warned" if long or hints else "hint"
    return render("sentence", kind=kind, role="status", sentence=" ".join([first, *hints]))


def _rows(offered: Iterable[Offer], chosen: int, texts: Words) -> Iterable[dict[str, object]]:
    for offer in offered:
        use, coming = USES[offer.place], offer.coming
        needs, there = (
            texts.number(f"{size / 1e9:.1f}") if math.isfinite(size) else ""
            for size in (coming.least, offer.free)
        )
        yield {
            "place": offer.place,
            "name": name_of(use, texts),
            "pixels": texts.ONLY_SIZE.format(width=coming.width, height=coming.height),
            "fits": offer.fits,
            "pressed": use.size == chosen,
            "said": texts.PRESET_TIME.format(time=roughly(coming.seconds, texts))
            if offer.fits
            else texts.FOR_MEMORY.format(needs=needs, there=there),
        }
