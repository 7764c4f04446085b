"""The options of the server that say where its data are and how long they stay."""

import os
import socket
import sys

import pytest

from styletransfer.page import command
from styletransfer.service import worker


@pytest.mark.parametrize("option", ["--keep", "--most-disk"])
@pytest.mark.parametrize("value", ["0", "-1", "a day", "nan", "inf"])
def test_what_is_no_number_above_0_is_refused_with_a_sentence(option, value, capsys):
    with pytest.raises(SystemExit) as ended:
        command.main([option, value] if value != "-1" else [f"{option}={value}"])
    assert ended.value.code == 2
    assert f"must be a number above 0, got '{value}'" in capsys.readouterr().err


@pytest.fixture
def umask():
    """Sets the mask for the modes of new files to none, and afterwards back."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_data_folder_that_cannot_be_used_is_told_of(tmp_path, capsys, monkeypatch, umask):
    monkeypatch.setattr(worker, "tune_process", lambda device: None)  # not this process
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as ended:
        command.main(["--device", "cpu", "--data", str(tmp_path / "file" / "data")])
    assert ended.value.code == 2
    assert os.umask(0) == 0o077  # what it would have written were for nobody else
    assert "cannot be the data folder" in capsys.readouterr().err


@pytest.mark.parametrize("value", ["", "port", "0", "65536", "9090:", "0.0.0.0"])
def test_what_is_no_place_for_figures_is_refused_with_a_sentence(value, capsys):
    with pytest.raises(SystemExit) as ended:
        command.main([f"--metrics={value}"])
    assert ended.value.code == 2
    assert "must be a port from 1 to 65535, or ADDRESS:PORT" in capsys.readouterr().err


def test_figures_and_the_log_go_where_they_can_or_it_is_told(tmp_path, capsys, monkeypatch, umask):
    monkeypatch.setattr(worker, "tune_process", lambda device: None)  # not this process
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for number, (option, said) in enumerate(
            (
                (f"--metrics={port}", f"cannot use 127.0.0.1:{port}"),
                (f"--log-runs={tmp_path}", "cannot add"),
            )
        ):
            data = ["--data", str(tmp_path / f"data-{number}")]
            with pytest.raises(SystemExit) as ended:
                command.main(["--device", "cpu", option, *data])
            assert ended.value.code == 2
            assert said in capsys.readouterr().err


def test_a_tool_without_its_package_is_told_of(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "mcp_types", None)  # as where it is not installed
    with pytest.raises(SystemExit) as ended:
        command.main(["--mcp"])
    assert ended.value.code == 2
    assert "pip install 'mcp" in capsys.readouterr().err
