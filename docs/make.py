"""Writes the tables of `settings.md` and `how-it-is-built.md` from the code: `python -m docs.make`."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

from styletransfer.settings import knobs

DOCS = Path(__file__).parent
PACKAGE = DOCS.parent / "styletransfer"
FOLDERS = ("network", "engine", "service", "batch", "page", "page/gate", "page/i18n")
DOORS = (
    *("__main__", "cli", "arguments", "requested", "saving", "losses_log", "batch_command"),
    *("publish", "space", "program", "interrupt", "terminal", "environment"),
)


def settings() -> str:
    """A row for each knob."""
    rows = [f"| `{knob.name}` | {knob.text(knob.default)} | {knob.help} |" for knob in knobs()]
    return "\n".join(["| setting | default | what it does |", "|---|---|---|", *rows])


def modules() -> str:
    """A row for each module: the first line of its docstring; from the vocabulary to the doors."""
    root = [file for file in sorted(PACKAGE.glob("*.py")) if file.stem != "__init__"]
    rows = ["| module | what it is |", "|---|---|", "| **the vocabulary** | **What all wings share.** |"]
    rows += [_row(file) for file in root if file.stem not in DOORS]
    for folder in FOLDERS:
        init, *files = sorted((PACKAGE / folder).glob("*.py"))
        rows.append(f"| **`{folder}/`** | **{_first_line(init)}** |")
        rows += map(_row, files)
    rows.append("| **the doors** | **Where programs and people come in; `app.py` is one, too.** |")
    return "\n".join([*rows, *(_row(PACKAGE / f"{door}.py") for door in DOORS)])


TABLES: dict[str, Callable[[], str]] = {"settings.md": settings, "how-it-is-built.md": modules}


def main() -> None:
    """Puts today's table into each page, in the place of the one that is there."""
    for page, table in TABLES.items():
        file = DOCS / page
        text = file.read_text(encoding="utf-8")
        written, found = re.subn(r"^\|.*\|$", lambda _, table=table: table(), text, flags=re.M | re.S)
        assert found == 1, f"{page} must have one table"
        file.write_text(written, encoding="utf-8")


def _row(file: Path) -> str:
    return f"| `{file.relative_to(PACKAGE).as_posix()}` | {_first_line(file)} |"


def _first_line(file: Path) -> str:
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0]


if __name__ == "__main__":
    main()
