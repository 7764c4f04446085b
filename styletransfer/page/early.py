"""The early view: what the browser draws and answers while Gradio's scripts are still on their way.

It stands in the HTML before everything that is large: the title, the first example, the paintings of the
first mood, and a button that opens the dialogue for the photo. What is chosen there is handed on to
Gradio's page, and the view goes as soon as that can be used. Both have the same places on the screen.
"""

from ..catalogue import MOODS, Example, catalogue
from .assets import render, script, text
from .captions import example_caption
from .face import OURS, Face
from .finished import example_compared
from .i18n.translate import Words
from .language_switch import language_switch
from .remembered import JOB
from .thumbnails import address
from .wall import wall_html

_STYLE_SHEETS = ("layers", "colours", "colours_dark", "languages", "wall", "early")


def early_html(texts: Words, face: Face = OURS) -> str:
    """The view as HTML, with its styles and its script.

    Args:
        texts: the texts in the page's language.
        face: the title and the accent colour of the page.
    """
    art = texts.catalogue(catalogue())
    example = next((each for each in art.examples if each.result.exists()), None)
    return render(
        "early",
        texts=texts,
        style=face.page_style() + "".join(text(f"{name}.css") for name in _STYLE_SHEETS),
        script=f"<script>\n{script('early', JOB_KEY=JOB)}</script>",
        switch=language_switch(texts),
        caption=example and example_caption(art, example, texts),
        shown=example and _compared(example),
        wall=wall_html(art, texts, texts.STYLES, filled=MOODS[:1]),
    )


def _compared(example: Example) -> dict[str, object]:
    return {
        "ratio": example_compared(example)["ratio"],
        "painted": address(example.result, "card"),
        "photo": address(example.photo, "card"),
    }
