"""The page's scripts, style sheets and HTML templates: files under `static/`, read once.

A `.jinja` file is filled in here, with every value escaped. A `.html` file is filled in by the browser,
in the syntax of `gr.HTML`.
"""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

STATIC = Path(__file__).parent / "static"


@cache
def text(name: str) -> str:
    """The file of this name, such as `strip.html`."""
    return (STATIC / name).read_text(encoding="utf-8")


def script(*names: str) -> str:
    """One script out of these files, such as `script("choose", "strip")` of choose.js and strip.js."""
    return "\n".join(text(f"{name}.js") for name in names)


def render(name: str, **values: object) -> str:
    """The template `name.jinja` with these values; what is missing raises `jinja2.UndefinedError`."""
    return _templates().get_template(f"{name}.jinja").render(values)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(STATIC),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
