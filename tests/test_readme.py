"""README and docs/ are right: tables match the code, links lead somewhere, the code examples run."""

import re
from pathlib import Path

import pytest

from docs import make

ROOT = Path(__file__).parent.parent
PAPERS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]


@pytest.mark.parametrize("page", make.TABLES)
def test_tables_are_those_of_the_code(page):
    """If this fails, run `python -m docs.make`."""
    assert make.TABLES[page]() in (make.DOCS / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_links_lead_to_files_that_exist(paper):
    text = paper.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", text) + re.findall(r'src="([^":]+)"', text)
    assert [link for link in links if not (paper.parent / link).exists()] == []


def test_the_python_code_runs(tmp_path, monkeypatch):
    code = next(block for block in _code("python") if "load_network" in block)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    exec(compile(_shortened(code), "README.md", "exec"), {})
    assert (tmp_path / "out.png").stat().st_size > 10_000


def test_the_code_for_other_sites_is_that_of_the_example():
    site = _plain(ROOT / "docs/embedding.html")
    for language in ("html", "css"):
        (code,) = _code(language, ROOT / "docs/embedding.md")
        assert (
            " ".join(code.split()).replace("https://ann-my-space.hf.space", "http://127.0.0.1:7860")
            in site
        )


def _plain(file: Path) -> str:
    return " ".join(file.read_text(encoding="utf-8").split())


def _code(language: str, paper: Path = ROOT / "README.md") -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", paper.read_text(encoding="utf-8"), re.DOTALL)


def _shortened(code: str) -> str:
    """The same code with three steps instead of 60."""
    assert "steps=60" in code
    return code.replace("steps=60", "steps=3")
