"""The page's face: a title and an accent colour that whoever runs the server puts in place of ours."""

import argparse
from dataclasses import dataclass, replace

from .accent import accents, is_colour
from .i18n.translate import Words


@dataclass(frozen=True)
class Face:
    """A title and a colour; None leaves the page's own.

    Attributes:
        title: the same in every language.
        colour: the accent, as #RRGGBB.
    """

    title: str | None = None
    colour: str | None = None

    def worded(self, texts: Words) -> Words:
        """The texts with this title."""
        if not self.title:
            return texts
        titles = dict.fromkeys(("TITLE", "SHORT_TITLE"), self.title)
        return replace(texts, told={**texts.told, **titles})

    def page_style(self) -> str:
        """Rules for the page, whose mode is a class; they go before those of colours.css anywhere."""
        if not self.colour:
            return ""
        light, dark = accents(self.colour)
        return f":root:root {{ {light} }}\n.dark.dark {{ {dark} }}\n"

    def plain_style(self) -> str:
        """Rules for the pages without scripts, which have the mode that the browser prefers."""
        if not self.colour:
            return ""
        light, dark = accents(self.colour)
        return (
            f":root:root {{ {light} }}\n"
            f"@media (prefers-color-scheme: dark) {{ :root:root {{ {dark} }} }}\n"
        )


OURS = Face()


def add_face(parser: argparse.ArgumentParser) -> None:
    """Adds the options of the face, in a group of their own."""
    group = parser.add_argument_group("the page's face")
    group.add_argument("--title", type=str.strip, metavar="TEXT", help="the title, in every language")
    group.add_argument(
        "--colour",
        type=_colour,
        metavar="#RRGGBB",
        help="the accent of buttons and links, such as #8a1c4a",
    )


def face_of(options: argparse.Namespace) -> Face:
    """The face that the parsed options ask for."""
    return Face(options.title, options.colour)


def _colour(given: str) -> str:
    if not is_colour(given):
        raise argparse.ArgumentTypeError(f"must be a colour as #RRGGBB, such as #8a1c4a, got {given!r}")
    return given.lower()
