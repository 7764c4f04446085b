"""`styletransfer publish`, against a stand-in for the Hub that it reaches by HF_ENDPOINT."""

import os
import signal
import subprocess
import sys

import pytest
import yaml

from styletransfer.interrupt import PUBLISHED_IN_PART
from styletransfer.publish import main
from styletransfer.recipe import version
from styletransfer.space import card, space_files
from tests.support.samples import ROOT
from tests.support.server import free_port
from tests.support.spaces import READER, WRITER, Space, Spaces

NAME = "ann/my-space"


@pytest.fixture
def hub():
    hub = Spaces()
    yield hub
    hub.close()


@pytest.fixture
def publish(hub, tmp_path):
    """Runs the command in a process of its own, logged in to the stand-in; other variables by name."""
    # Xet, by which the real Hub may take files instead of LFS, has a server of its own.
    usual = {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(tmp_path),
        "HF_TOKEN": WRITER,
        "HF_HUB_DISABLE_XET": "1",
        "OMP_NUM_THREADS": "1",
    }
    known = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}

    def run(*arguments, run=subprocess.run, **variables):
        return run(
            [sys.executable, "-m", "styletransfer", "publish", *arguments],
            cwd=ROOT,
            env=known | usual | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    return run


def refused(process, *said):
    """Checks that it ended with one line that says this, and with the exit code of a mistake."""
    assert process.returncode == 2, process.stderr
    assert process.stdout == ""
    (line,) = process.stderr.splitlines()
    assert line.startswith("styletransfer: ")
    for each in said:
        assert each in line


def expected(hub: Spaces | None = None) -> dict[str, bytes]:
    """The files of a Space, of the one on this Hub if one is given."""
    address = hub and f"{hub.url}/spaces/{NAME}"
    return {
        name: file if isinstance(file, bytes) else file.read_bytes()
        for name, file in space_files(address).items()
    }


def test_a_new_space_gets_what_the_page_needs_and_its_address_is_printed(hub, publish):
    process = publish(NAME)
    assert (process.returncode, process.stderr) == (0, "")
    assert process.stdout == f"{hub.url}/spaces/{NAME}\n"
    space = hub.spaces[NAME]
    assert space.files == {".gitattributes": b""} | expected(hub)
    assert (space.sdk, space.private, space.hardware) == ("gradio", False, "cpu-basic")
    assert publish(NAME).returncode == 0
    assert space.commits == 1  # nothing had changed


def test_what_is_sent_is_the_package_and_what_the_page_shows():
    package = [*(ROOT / "styletransfer").rglob("*.*")]
    art = [
        file
        for folder in ("photos", "styles", "results")
        for file in (ROOT / "examples" / folder).iterdir()
    ]
    names = {"README.md", "LICENSE", "app.py", "requirements.txt", "pyproject.toml"}
    names |= {each.relative_to(ROOT).as_posix() for each in package + art if each.suffix != ".pyc"}
    assert set(space_files()) == names | {"examples/catalogue.toml"}


def test_the_space_knows_its_version(tmp_path):
    for name in ("pyproject.toml", *(each for each in expected() if each.endswith((".py", ".toml")))):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(expected()[name])
    code = "import styletransfer.recipe as r; print(r.__file__, r.version())"
    file, found = subprocess.check_output(
        [sys.executable, "-c", code], cwd=tmp_path, encoding="utf-8"
    ).split()
    assert file.startswith(str(tmp_path))
    assert found == version()


def test_the_readme_of_a_space_leads_nowhere_that_is_not_there():
    text = card((ROOT / "README.md").read_text(encoding="utf-8"))
    assert text.startswith("---\ntitle: ")
    assert "sdk: gradio\n" in text
    assert "app_file: app.py\n" in text
    assert "Creative Commons Attribution 4.0" in text
    assert "](docs/" not in text
    assert "![" not in text
    assert card(text) == text


def test_a_published_space_has_a_picture_that_is_shown_where_it_is_posted():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    text = card(readme, "https://hub.test/spaces/ann/my-space")
    settings = yaml.safe_load(text.split("---\n")[1])
    place, _, path = settings.pop("thumbnail").partition("/resolve/main/")
    assert place == "https://hub.test/spaces/ann/my-space"
    assert path in space_files()
    assert settings == yaml.safe_load(readme.split("---\n")[1])
    elsewhere = card(text, "https://hub.test/spaces/bo/mine")
    assert elsewhere == text.replace("ann/my-space", "bo/mine")


def test_what_an_earlier_version_left_goes_and_what_is_the_owners_stays(hub, publish):
    ours = {"styletransfer/__init__.py": b"old", "styletransfer/gone.py": b"", "README.md": b"---\n"}
    hub.spaces[NAME] = Space(files=ours | {"examples/styles/mine.jpg": b"mine", "packages.txt": b""})
    assert publish(NAME, "--private", "--hardware", "t4-small").returncode == 0
    space = hub.spaces[NAME]
    assert space.files == expected(hub) | {"examples/styles/mine.jpg": b"mine", "packages.txt": b""}
    assert (space.private, space.hardware) == (True, "t4-small")


def test_where_the_network_goes_half_way_a_second_call_goes_on(hub, publish):
    hub.silent = "/commit/"
    refused(publish(NAME), f"{hub.url} cannot be reached, or no longer: ", "sent again")
    assert set(hub.stored.values()) == {each for each in expected(hub).values() if b"\0" in each[:512]}
    sent = hub.uploads
    assert hub.spaces[NAME].commits == 0
    hub.silent = "(?!)"
    assert publish(NAME).returncode == 0
    assert hub.uploads == sent
    assert hub.spaces[NAME].files == {".gitattributes": b""} | expected(hub)


def test_ctrl_c_says_how_to_go_on(hub, publish):
    hub.hangs = "/commit/"
    process = publish(NAME, run=subprocess.Popen)
    assert hub.waiting.wait(120)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", PUBLISHED_IN_PART)


def test_a_private_space_is_private_from_the_beginning(hub, publish):
    hub.answers = {"/preupload/": 400}
    refused(publish(NAME, "--private"), "HTTP 400", NAME, "as the test wants it")
    assert hub.spaces[NAME].private


def test_without_the_hardware_it_is_published_all_the_same(hub, publish):
    hub.answers = {"/hardware": 402}
    process = publish(NAME, "--hardware", "a100-large")
    assert process.returncode == 1
    assert process.stdout == f"{hub.url}/spaces/{NAME}\n"
    (line,) = process.stderr.splitlines()
    assert f"{NAME} is published, but without the hardware a100-large: " in line
    assert "wants a payment" in line


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        ("SLEEPING", "asleep: it wakes when somebody opens {}."),
        ("PAUSED", "paused: nobody can use it until you press Restart this Space at {}/settings."),
    ],
)
def test_a_space_that_does_not_run_is_said_with_what_starts_it(hub, publish, stage, said):
    hub.spaces[NAME] = Space(stage=stage)
    process = publish(NAME)
    address = f"{hub.url}/spaces/{NAME}"
    assert (process.returncode, process.stdout) == (0, f"{address}\n")
    assert process.stderr == f"styletransfer: {NAME} is published, but {said.format(address)}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["my-space"], "'my-space' cannot be the name of a Space; it must be like ann/my-space"),
        (["a/b/c"], "'a/b/c'"),
        (["ann/my space"], "'ann/my space'"),
        (["ann/"], "'ann/'"),
        ([NAME, "--hardware", "t4"], "one of cpu-basic, cpu-upgrade, "),
        ([NAME, "--hardware", "zero"], "got 'zero'"),
    ],
)
def test_what_is_malformed_is_refused_before_anything_is_asked(capsys, arguments, said):
    with pytest.raises(SystemExit) as caught:
        main([*arguments, "--dry-run"])
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("styletransfer: ")
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_token_is_needed_that_is_known_and_may_write(hub, publish, tmp_path):
    refused(publish(NAME, HF_TOKEN=""), "no token", "hf auth login")
    refused(publish(NAME, HF_TOKEN="hf_unknown"), "does not accept the token")
    refused(publish(NAME, HF_TOKEN=READER), "does not let you write", "this token may only read")
    assert not hub.spaces
    (tmp_path / "token").write_text(WRITER)  # where `hf auth login` puts it
    assert publish(NAME, HF_TOKEN="").returncode == 0


def test_what_is_somebody_elses_work_is_left_as_it_is(hub, publish):
    hub.spaces[NAME] = other = Space(files={"README.md": b"", "app.py": b"print()", "b.py": b""})
    refused(publish(NAME), NAME, "something else", "app.py")
    hub.spaces["ann/docker"] = docker = Space(sdk="docker")
    refused(publish("ann/docker"), "of the kind docker")
    assert (other.commits, docker.commits) == (0, 0)
    assert other.files["app.py"] == b"print()"


def test_without_a_network_it_says_so(publish):
    nowhere = f"http://127.0.0.1:{free_port()}"
    refused(publish(NAME, HF_ENDPOINT=nowhere), f"{nowhere} cannot be reached")
    refused(publish(NAME, HF_HUB_OFFLINE="1"), "HF_HUB_OFFLINE is set")


def test_a_dry_run_lists_the_files_and_sends_nothing(hub, publish):
    process = publish(NAME, "--dry-run", HF_TOKEN="")
    assert (process.returncode, process.stderr) == (0, "")
    *lines, total = process.stdout.splitlines()
    assert {line.split()[1] for line in lines} == set(expected(hub))
    size = sum(map(len, expected(hub).values()))
    assert total.split() == [f"{size:,}", "bytes", "in", str(len(expected())), "files"]
    assert not hub.spaces
