"""The page's scripts, style sheets and HTML templates: files under `static/`, read once.

A `.jinja` file is a Jinja template, filled in on the server with every value escaped. A `.html` file is
a template of `gr.HTML`, filled in by the browser.
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
    """The contents of the file of this name, such as `strip.html`."""
    return (STATIC / name).read_text(encoding="utf-8")


def script(*names: str, **constants: object) -> str:
    """The scripts of these files joined; `script("choose", "strip")` is choose.js, then strip.js.

    Every file is put into a block, so that its declarations do not collide with those of other files.

    Args:
        names: the files, without their ending.
        constants: values that the files use, by the names of the JavaScript constants.
    """
    files = "\n".join(f"{{\n{text(f'{name}.js')}}}" for name in names)
    return f"{{\n{_declared(constants)}{files}\n}}\n" if constants else f"{files}\n"


def function(name: str, **constants: object) -> str:
    """The function in `name.js`, which has to be its only content, for the `js` of a Gradio event.

    Args:
        name: the file, without its ending.
        constants: as for `script`.
    """
    body = f"{_declared(constants)}const run = {text(f'{name}.js')}return run(...inputs);"
    return f"(...inputs) => {{\n{body}\n}}"


def render(name: str, **values: object) -> str:
    """The template `name.jinja` with these values; a missing one raises `jinja2.UndefinedError`.

    Line breaks between tags are removed; only a space within a line of the template is kept.
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
