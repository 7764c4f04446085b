"""The container: what its files name exists, is copied, and is known to the server."""

import http.server
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from styletransfer.page import command
from styletransfer.page.variables import variable_of
from styletransfer.space import space_files
from tests.support.samples import ROOT

LINES = (ROOT / "Dockerfile").read_text(encoding="utf-8")
INSTRUCTIONS = [
    tuple(line.split(maxsplit=1))
    for line in re.sub(r"^#.*\n|\\\n", "", LINES, flags=re.MULTILINE).splitlines()
    if line.strip()
]
COMPOSED = [ROOT / "compose.yaml", ROOT / "compose.cuda.yaml"]


def every(instruction: str) -> list[str]:
    """What stands behind every instruction of this name, in order."""
    return [rest for name, rest in INSTRUCTIONS if name == instruction]


def assigned(instruction: str) -> dict[str, str]:
    return dict(each.split("=", 1) for rest in every(instruction) for each in shlex.split(rest))


def services() -> list[dict]:
    return [yaml.safe_load(file.read_text(encoding="utf-8"))["services"]["page"] for file in COMPOSED]


def copied() -> list[str]:
    return [source for rest in every("COPY") for source in shlex.split(rest)[:-1]]


def test_what_is_copied_exists_and_is_let_in():
    rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in rules
    assert copied()
    for source in copied():
        assert (ROOT / source).exists()
        assert f"!{source}" in rules
    assert {rule[1:] for rule in rules if rule.startswith("!")} == set(copied())


def test_the_image_has_every_file_that_a_space_has_and_no_other():
    kept_out = [
        rule for rule in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if "/" in rule
    ]
    files = {file for source in copied() for file in [ROOT / source, *(ROOT / source).rglob("*")]}
    names = {file.relative_to(ROOT).as_posix() for file in files if file.is_file()}
    names = {name for name in names if "__pycache__" not in name and "/." not in name}
    names = {name for name in names if not any(fnmatch(name, rule) for rule in kept_out)}
    assert names == set(space_files()) - {"README.md"}


def test_its_variables_are_options_of_the_server():
    options = {
        variable_of(option)
        for action in command._parser(None)._actions
        for option in action.option_strings
    }
    variables = set(assigned("ENV"))
    for service in services():
        variables |= set(service.get("environment", {}))
    ours = {name for name in variables if name.startswith("STYLETRANSFER_")}
    assert "STYLETRANSFER_DATA" in ours
    assert ours <= options


def test_everything_that_is_to_last_is_in_the_one_volume():
    (volume,) = every("VOLUME")
    environment = assigned("ENV")
    for name in ("STYLETRANSFER_DATA", "HF_HOME"):
        assert environment[name].startswith(f"{volume}/")
    (mounted,) = services()[0]["volumes"]
    assert mounted.partition(":")[2] == volume


def test_it_runs_python_itself_and_not_as_root():
    (entry,) = every("ENTRYPOINT")
    assert yaml.safe_load(entry) == ["python", "app.py"]  # a shell would keep SIGTERM for itself
    assert every("USER")[-1] not in {"root", "0"}
    assert not every("CMD")


def test_the_ports_agree():
    port = assigned("ENV")["GRADIO_SERVER_PORT"]
    assert every("EXPOSE") == [port]
    assert f"127.0.0.1:{port}/" in every("HEALTHCHECK")[0]
    assert [each.rpartition(":")[2] for each in services()[0]["ports"]] == [port]


def test_what_the_compose_files_build_with_is_an_argument_of_the_dockerfile():
    arguments = {rest.partition("=")[0] for rest in every("ARG")}
    builds = [service["build"] for service in services()]
    given = {name for build in builds if isinstance(build, dict) for name in build.get("args", {})}
    assert given == {"TORCH_INDEX"} <= arguments


def copy(instruction: str, folder: Path) -> None:
    """Does what this COPY does."""
    *sources, place = shlex.split(instruction)
    for source in sources:
        if (ROOT / source).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / source, folder / place, ignore=ignored)
        else:
            shutil.copy(ROOT / source, folder / place)


@pytest.mark.skipif(sys.platform != "linux", reason="the steps are those of a Linux")
def test_every_step_of_the_build_works_in_a_clean_folder_and_the_page_starts_there(tmp_path):
    """With the real shell, pip and compiler; only the user of the container is not made."""
    folder, programs = tmp_path / "page", tmp_path / "bin"
    folder.mkdir()
    programs.mkdir()
    (programs / "useradd").symlink_to("/bin/true")
    path = os.pathsep.join(map(str, [programs, Path(sys.executable).parent, os.environ["PATH"]]))
    # What the tests' own environment lacks is an error, and nothing in it is changed.
    tried = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_DRY_RUN": "1", "PIP_CONFIG_FILE": os.devnull}
    environment = os.environ | tried | assigned("ARG") | {"PATH": path}
    options = {"cwd": folder, "env": environment, "capture_output": True, "encoding": "utf-8"}
    said = []
    for instruction, rest in INSTRUCTIONS:
        if instruction == "COPY":
            copy(rest, folder)
        elif instruction == "RUN":
            here = rest.replace("/data", str(tmp_path / "data"))
            here = here.replace("owner=page", f"owner={os.getuid()}")
            here = here.replace("group=page", f"group={os.getgid()}")
            process = subprocess.run(["/bin/sh", "-c", here], timeout=300, **options)
            assert process.returncode == 0, f"{rest}\n{process.stdout}{process.stderr}"
            said.append(process.stdout)
    assert (tmp_path / "data").is_dir()
    torch, everything = (each for each in said if "already satisfied" in each)
    asked = re.findall(r"already satisfied: (\S+?)[<>=]\S* in \S+ \(from -r", torch)
    assert asked == ["torch", "torchvision"]
    assert "already satisfied: gradio" in everything
    assert {each.name for each in folder.glob("*.txt")} == {"requirements.txt"}
    assert list((folder / "styletransfer" / "__pycache__").glob("*.pyc"))
    (entry,) = every("ENTRYPOINT")
    process = subprocess.run([*yaml.safe_load(entry), "--help"], timeout=300, **options)
    assert process.returncode == 0, process.stderr
    assert "--trusted-proxies" in process.stdout


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (401, False), (503, False), (None, False)])
def test_the_health_check_tells_a_page_from_none(status, healthy):
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        check = every("HEALTHCHECK")[0].partition("CMD ")[2].replace(":7860/", f":{server.server_port}/")
        if status:
            threading.Thread(target=server.handle_request, daemon=True).start()
        else:
            server.server_close()
        _, *arguments = yaml.safe_load(check)
        process = subprocess.run([sys.executable, *arguments], capture_output=True, timeout=60)
    assert (process.returncode == 0) == healthy
