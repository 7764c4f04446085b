"""The files of a Hugging Face Space that serves the page: this very package, and what goes with it.

The package itself rather than a requirement by its name, so that the Space is of the version that
publishes it, changes included, and depends on no index of packages to have it.
"""

import re
from pathlib import Path

from .catalogue import FOLDER
from .recipe import version

_PACKAGE = Path(__file__).resolve().parent
# An installed package holds these files itself; in the repository they lie beside the package.
_INSTALLED = _PACKAGE / "space"
_AROUND = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent
_ART = ("photos", "styles", "results")
# What is shown where the Space's address is posted: a finished picture, by its path in the Space.
_PREVIEW = "examples/results/bee-daffodils.jpg"

# Of an installed package, what goes elsewhere in a Space or is a file of its own there.
_NOT_CODE = {"examples", "space", "__pycache__"}

# Where `recipe.version` reads it; a Space does not install the package.
_PROJECT = '[project]\nname = "styletransfer"\nversion = "{version}"\n'


def space_files(address: str | None = None) -> dict[str, Path | bytes]:
    """What a Space is made of: for each path in it a file, or the contents of one written for it.

    Args:
        address: as for `card`.
    """
    files: dict[str, Path | bytes] = {
        "README.md": card((_AROUND / "README.md").read_text(encoding="utf-8"), address).encode(),
        "pyproject.toml": _PROJECT.format(version=version()).encode(),
        "examples/catalogue.toml": FOLDER / "catalogue.toml",
    }
    files |= {name: _AROUND / name for name in ("LICENSE", "app.py", "requirements.txt")}
    files |= {f"examples/{folder}/{file.name}": file for folder in _ART for file in _in(FOLDER / folder)}
    return files | {
        f"{_PACKAGE.name}/{file.relative_to(_PACKAGE).as_posix()}": file
        for file in _in(_PACKAGE)
        if _NOT_CODE.isdisjoint(file.relative_to(_PACKAGE).parts)
    }


def card(readme: str, address: str | None = None) -> str:
    """The README of a Space: of ours the settings at its top, the opening, and the credits.

    What lies between them leads to files that a Space does not have.

    Args:
        readme: this repository's own, or that of a Space.
        address: of the Space, which gets a picture to be shown where it is posted. The Hub takes that
            by a whole address only, hence it cannot stand in a repository that anybody may copy.
    """
    text = re.sub(r"\n!\[.*?\n(?=## Credits)", "\n", readme, count=1, flags=re.DOTALL)
    if address is None:
        return text
    preview = f"thumbnail: {address}/resolve/main/{_PREVIEW}"
    settings, rest = text.split("\n---\n", 1)
    return "\n".join([re.sub(r"\nthumbnail: .*", "", settings), preview, "---", rest])


def _in(folder: Path) -> list[Path]:
    """The files in a folder and those below it, sorted, without those that systems and editors leave."""
    return [
        file
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        and not any(part.startswith(".") for part in file.relative_to(folder).parts)
        and not file.name.endswith((".pyc", "~"))
    ]
