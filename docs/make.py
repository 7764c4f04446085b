"""Writes the tables of `settings.md` and `how-it-is-built.md` from the code: `python -m docs.make`."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

from styletransfer.settings import knobs

DOCS = Path(__file__).parent
PACKAGE = DOCS.parent / "styletransfer"
FOLDERS = ("network", "engine", "service", "page", "page/i18n", ".")


def settings() -> str:
    """A row for each knob."""
    rows = [f"| `{knob.name}` | {knob.default} | {knob.help} |" for knob in knobs()]
    return "\n".join(["| setting | default | what it does |", "|---|---|---|", *rows])


def modules() -> str:
    """A row for each module: the first line of its docstring."""
    rows = ["| module | what it is |", "|---|---|"]
    for folder in FOLDERS:
        for file in sorted((PACKAGE / folder).glob("*.py")):
            first, *_ = _docstring(file).splitlines()
            name = f"{folder}/" if file.stem == "__init__" else file.relative_to(PACKAGE).as_posix()
            rows.append(
                f"| **`{name}`** | **{first}** |" if name.endswith("/") else f"| `{name}` | {first} |"
            )
    return "\n".join(row.replace("`./`", "`styletransfer/`") for row in rows)


TABLES: dict[str, Callable[[], str]] = {"settings.md": settings, "how-it-is-built.md": modules}


def main() -> None:
    """Puts today's table into each page, in the place of the one that is there."""
    for page, table in TABLES.items():
        file = DOCS / page
        text = file.read_text(encoding="utf-8")
        written, found = re.subn(r"^\|.*\|$", lambda _, table=table: table(), text, flags=re.M | re.S)
        assert found == 1, f"{page} must have one table"
        file.write_text(written, encoding="utf-8")


def _docstring(file: Path) -> str:
    return ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""


if __name__ == "__main__":
    main()
