"""The installed wheel works outside of the repository: command, page and data files."""

import os
import re
import socket
import subprocess
import sys
import sysconfig
import time
import venv
import zipfile
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file
from PIL import Image

from tests.support.samples import PAINTING, PHOTO, ROOT

# Without variables that lead to the repository or come from the environment of the tests.
ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")
} | {"OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", folder]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, ROOT], check=True)
    (file,) = folder.glob("styletransfer-*.whl")
    return file


@pytest.fixture(scope="module")
def programs(wheel, tmp_path_factory):
    """The folder of executables of a new virtual environment with the wheel installed."""
    # Named with a dot, as is usual, because Gradio treats hidden folders differently.
    folder = tmp_path_factory.mktemp("elsewhere") / ".venv"
    venv.create(folder)
    places = {"base": str(folder), "platbase": str(folder)}
    scripts, packages = (
        Path(sysconfig.get_path(name, "venv", places)) for name in ("scripts", "purelib")
    )
    python = scripts / Path(sys.executable).name
    options = ["--quiet", "--no-deps", "--no-index"]
    pip = [sys.executable, "-m", "pip", "--python", python, "install"]
    subprocess.run([*pip, *options, wheel], check=True)
    # The dependencies are gigabytes, so they come from the tests' environment, searched after the wheel.
    ours = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (packages / "dependencies.pth").write_text("".join(f"{each}\n" for each in ours))
    return scripts


@pytest.fixture
def elsewhere(tmp_path):
    """The arguments of `subprocess` to run in an empty folder."""
    return {"cwd": tmp_path, "env": ENVIRONMENT, "encoding": "utf-8", "timeout": 300}


def test_the_wheel_holds_everything_but_scripts_of_the_repository(wheel):
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    package = [*(ROOT / "styletransfer").rglob("*.*")]
    examples = [ROOT / "examples/catalogue.toml", *(ROOT / "examples").glob("*/*.jpg")]
    expected = {each.relative_to(ROOT).as_posix() for each in package if each.suffix != ".pyc"}
    expected |= {f"styletransfer/{each.relative_to(ROOT).as_posix()}" for each in examples}
    around = ("LICENSE", "README.md", "app.py", "requirements.txt")
    expected |= {f"styletransfer/space/{name}" for name in around}
    assert names == expected
    assert "styletransfer/py.typed" in names
    assert "styletransfer/examples/photos/pagoda.jpg" in names
    assert "styletransfer/page/static/icons/neighbours.webp" in names


def test_the_package_and_its_examples_are_those_installed(programs, elsewhere):
    code = (
        "import styletransfer, styletransfer.catalogue as c, styletransfer.recipe as r;"
        "print(styletransfer.__file__, c.FOLDER, r.version(), c.catalogue().photos[0].file.exists())"
    )
    command = [programs / Path(sys.executable).name, "-c", code]
    file, folder, version, exists = subprocess.check_output(command, **elsewhere).split()
    for place in (file, folder):
        assert Path(place).is_relative_to(programs.parent)
    assert f'version = "{version}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert exists == "True"


def test_the_command_paints(programs, elsewhere):
    arguments = [PHOTO, PAINTING, "-o", "out.png", "--size", "128", "--steps", "2"]
    process = subprocess.run([programs / "styletransfer", *arguments], capture_output=True, **elsewhere)
    assert process.returncode == 0, process.stderr
    with Image.open(elsewhere["cwd"] / "out.png") as image:
        assert image.size == (128, 85)


def test_a_space_gets_the_same_files_as_from_the_repository(programs, elsewhere):
    code = (
        "import hashlib, styletransfer.space as s;"
        "files = {name: file if isinstance(file, bytes) else file.read_bytes()"
        " for name, file in s.space_files().items()};"
        "print({name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)})"
    )
    command = [programs / Path(sys.executable).name, "-c", code]
    installed = subprocess.check_output(command, **elsewhere)
    here = subprocess.check_output([sys.executable, "-c", code], **elsewhere | {"cwd": ROOT})
    assert installed == here


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["photo.jpg"], "styletransfer: the following arguments are required: -o/--output\n"),
        (["page", "out.png"], "styletransfer page: error: unrecognized arguments: out.png"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_mistakes_are_told_under_the_commands_name(programs, elsewhere, arguments, said):
    process = subprocess.run([programs / "styletransfer", *arguments], capture_output=True, **elsewhere)
    assert process.returncode == 2
    assert said in process.stderr
    assert "Traceback" not in process.stderr


@pytest.fixture(scope="module")
def page(programs, tmp_path_factory):
    """The address of the page that the installed command serves."""
    folder = tmp_path_factory.mktemp("page")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    world = {"cwd": folder, "env": ENVIRONMENT | {"GRADIO_SERVER_PORT": str(port)}}
    with (folder / "log").open("w") as log:
        command = [programs / "styletransfer", "page", "--device", "cpu"]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, **world)
    try:
        deadline = time.monotonic() + 120
        while not _answers(url):
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.2)
        yield url
        process.terminate()
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in (folder / "log").read_text()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=10).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.browser  # a real server
def test_the_page_shows_the_installed_examples(page, programs):
    text = httpx.get(page).text
    thumbnails = set(re.findall(r"thumbnails/[\w./-]+", text))
    assert len(thumbnails) > 40  # of paintings and finished examples
    assert httpx.get(f"{page}/{min(thumbnails)}").headers["content-type"].startswith("image/")
    for choice in ("neighbours", "gram"):
        picture = (ROOT / f"styletransfer/page/static/icons/{choice}.webp").read_bytes()
        assert httpx.get(f"{page}/icons/{choice}.webp").content == picture
    folder = re.search(r"gradio_api/file=([^\"]*/examples)/results/", text)[1]
    assert Path(folder).is_relative_to(programs.parent)
    for name in (f"photos/{PHOTO.name}", f"styles/{PAINTING.name}"):
        picture = httpx.get(f"{page}/gradio_api/file={folder}/{name}")
        assert picture.content == (ROOT / "examples" / name).read_bytes()


@pytest.mark.browser  # a real server
def test_the_page_paints(page, tmp_path):
    client = Client(page, verbose=False, download_files=tmp_path)
    pictures = handle_file(PHOTO), handle_file(PAINTING)
    *_, file = client.predict(*pictures, size=128, steps=2, api_name="/stylize")
    with Image.open(file) as image:
        assert image.size == (128, 85)
