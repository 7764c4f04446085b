"""The switch of language, the same on the page, where one logs in, and beside a shared picture."""

from .assets import render
from .i18n.choice import PARAMETER
from .i18n.translate import Words, languages


def language_switch(texts: Words) -> str:
    """The switch as HTML: a link for each language, by the name that it has for itself.

    Args:
        texts: the texts in the page's language.
    """
    return render("languages", texts=texts, every=languages().values(), parameter=PARAMETER)
