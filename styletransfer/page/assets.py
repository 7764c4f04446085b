"""The page's scripts, style sheets and HTML templates: files under `static/`, read once.

A `.jinja` file is filled in here, with every value escaped. A `.html` file is filled in by the browser,
in the syntax of `gr.HTML`.
"""

import json
import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

STATIC = Path(__file__).parent / "static"
_BETWEEN_TAGS = re.compile(r"(?<=>)\s*\n\s*(?=<)")


@cache
def text(name: str) -> str:
    """The file of this name, such as `strip.html`."""
    return (STATIC / name).read_text(encoding="utf-8")


def script(*names: str, **constants: object) -> str:
    """One script out of these files, such as `script("choose", "strip")` of choose.js and strip.js.

    What a file declares stays its own.

    Args:
        names: the files, without their ending.
        constants: what Python knows and the files need, by the names under which they use it.
    """
    files = "\n".join(f"{{\n{text(f'{name}.js')}}}" for name in names)
    return f"{{\n{_declared(constants)}{files}\n}}\n" if constants else f"{files}\n"


def function(name: str, **constants: object) -> str:
    """The function that is all of `name.js`, as the `js` of a Gradio event.

    Args:
        name: the file, without its ending.
        constants: as for `script`.
    """
    body = f"{_declared(constants)}const run = {text(f'{name}.js')}return run(...inputs);"
    return f"(...inputs) => {{\n{body}\n}}"


def render(name: str, **values: object) -> str:
    """The template `name.jinja` with these values; what is missing raises `jinja2.UndefinedError`.

    Line breaks between tags are dropped: what is to be a space on the page stands on one line.
    """
    return _BETWEEN_TAGS.sub("", _templates().get_template(f"{name}.jinja").render(values))


def _declared(constants: dict[str, object]) -> str:
    return "".join(f"const {name} = {json.dumps(value)};\n" for name, value in constants.items())


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(STATIC),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
