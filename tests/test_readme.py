"""The README is true: its settings are the settings, and its code runs."""

import re
from pathlib import Path

from styletransfer.settings import knobs

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_settings_are_those_of_the_program():
    expected = [f"| `{each.name}` | {each.default} | {each.help} |" for each in knobs()]
    assert re.findall(r"^\| `.*$", README, re.MULTILINE) == expected


def test_the_files_named_exist():
    names = re.findall(r"^ {0,2}(\S+\.py|\S+/) ", README, re.MULTILINE)
    assert len(names) > 5
    for name in names:
        assert (ROOT / name).exists() or (ROOT / "styletransfer" / name).exists(), name
    for link in re.findall(r"\]\(([^):]+)\)", README):
        assert (ROOT / link).exists(), link


def test_the_python_code_runs(tmp_path, monkeypatch):
    code = next(block for block in _code("python") if "load_network" in block)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    exec(compile(_shortened(code), "README.md", "exec"), {})
    assert (tmp_path / "out.png").stat().st_size > 10_000


def test_the_http_code_runs(server, tmp_path, monkeypatch):
    code = next(block for block in _code("python") if "gradio_client" in block)
    assert "http://127.0.0.1:7860" in code
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    names = {}
    code = _shortened(code).replace("http://127.0.0.1:7860", server)
    exec(compile(code, "README.md", "exec"), names)
    assert Path(names["png"]).read_bytes().startswith(b"\x89PNG")


def _code(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def _shortened(code: str) -> str:
    """The same with three steps instead of 60."""
    assert "steps=60" in code
    return code.replace("steps=60", "steps=3")
