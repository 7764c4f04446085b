"""The examples in docs/api.md, run as they stand against a real server, but with other steps."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.support.samples import ROOT

ADDRESS = "http://127.0.0.1:7860"
PAPER = (ROOT / "docs/api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(sh|python|javascript)\n(.*?)```", PAPER, re.DOTALL)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder with the examples and the packages for JavaScript, which is the current one."""
    for name in ("examples", "node_modules", "package.json"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def example(language: str, word: str, server: str, steps: int = 3) -> str:
    """The one block in this language in which this word stands, for this server."""
    (code,) = [code for kind, code in BLOCKS if kind == language and word in code]
    assert ADDRESS in code
    code, found = re.subn(
        r"(\bsize['\"]?[=:] ?)256(.*?\bsteps['\"]?[=:] ?)60",
        rf"\g<1>128\g<2>{steps}",
        code,
        flags=re.S,
    )
    assert found == 1
    return code.replace(ADDRESS, server)


def ran(*command, folder) -> str:
    process = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240)
    assert process.returncode == 0, process.stderr
    return process.stdout


def is_png(data: bytes) -> bool:
    return data.startswith(b"\x89PNG")


def test_every_example_is_run_by_a_test():
    assert len(BLOCKS) == 6


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
def test_curl(server, folder):
    ran("sh", "-e", "-c", example("sh", "painted.png", server), folder=folder)
    assert is_png((folder / "painted.png").read_bytes())


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
def test_curl_changes_and_stops(server, folder):
    said = ran("sh", "-e", "-c", example("sh", "PATCH", server, steps=3000), folder=folder)
    assert '"style_weight":9.0' in said
    assert '"state":"stopped"' in said
    assert is_png((folder / "stopped.png").read_bytes())


@pytest.mark.parametrize(
    "line", ["with httpx.Client", "from gradio_client", "from mcp"], ids=["httpx", "gradio", "mcp"]
)
def test_python(server, folder, line):
    if line == "from mcp":
        pytest.importorskip("mcp_types")
    code = example("python", line, server)
    save = "png if isinstance(png, bytes) else open(png, 'rb').read()"
    (folder / "example.py").write_text(f"{code}\nopen('painted.png', 'wb').write({save})\n")
    ran(sys.executable, "example.py", folder=folder)
    assert is_png((folder / "painted.png").read_bytes())


@pytest.mark.skipif(shutil.which("node") is None, reason="no node")
@pytest.mark.skipif(
    "CI" not in os.environ and not (ROOT / "node_modules/@gradio/client").is_dir(),
    reason="'npm ci' installs @gradio/client",
)
def test_javascript(server, folder):
    (folder / "example.mjs").write_text(example("javascript", "@gradio/client", server))
    said = ran("node", "example.mjs", folder=folder)
    assert "run " in said
    assert is_png((folder / "painted.png").read_bytes())
