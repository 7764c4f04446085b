"""Batches by two replicas of a real Ray cluster, where Ray is installed: it is an extra."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest

from benchmarks.replicas import processes_of_replicas
from styletransfer.batch.manifest import NAME
from tests.support.processes import gone
from tests.support.ray_cluster import cluster
from tests.support.samples import PAINTING, ROOT


@pytest.fixture(scope="module")
def address():
    pytest.importorskip("ray")
    with cluster():
        yield "auto"  # joins it with its token, for which Ray looks here only


def batch(address, photos):
    """The command, running: four small pictures by two replicas."""
    command = [sys.executable, "-m", "styletransfer", "batch", photos, "--style", PAINTING]
    command += ["--out", photos.parent / "out", "--size", "128", "--scales", "1", "--steps", "40"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    command += ["--ray", address, "--replicas", "2"]
    return subprocess.Popen(command, cwd=ROOT, **pipes)


def result(running):
    """Its exit code, and the lines that it wrote to stdout and to stderr."""
    out, err = running.communicate()
    return running.returncode, out.splitlines(), err.splitlines()


def painted(out):
    return sorted(line.rpartition("/")[2] for line in out if line.endswith(".png"))


def states(photos):
    lines = (photos.parent / "out" / NAME).read_text("utf-8").splitlines()
    return {entry["file"]: entry["state"] for entry in map(json.loads, lines)}


def test_a_killed_replica_and_a_broken_photo_stop_nothing_and_what_is_told_is_ours(address, photos):
    every = sorted(f"{photo.stem}-hokusai-great-wave.png" for photo in photos.iterdir())
    (photos / "notes.jpg").write_text("no picture")
    with batch(address, photos) as running:
        first = running.stdout.readline().strip()
        replicas = processes_of_replicas()
        os.kill(replicas[0], signal.SIGKILL)
        code, out, err = result(running)
    assert code == 3
    assert painted([first, *out]) == every
    overview = f"Overview: {photos.parent / 'out' / 'overview.html'}"
    assert out[-1] == f"4 painted, 1 failed. {overview}"
    assert len(out) == 4  # the first one was read before
    assert len(replicas) == 2
    assert gone(replicas)
    assert err.pop(0) == f"Paints on 2 replicas of the Ray cluster at {address}."
    ours = r"\d of 5, .* left|.*/notes.jpg by .*: The photo \(notes.jpg\) is not .*"
    foreign = {line for line in err if not re.fullmatch(ours, line)}
    # It is told unless the replica was between two pictures.
    assert foreign <= {"styletransfer: a replica was lost, and is started anew"}
    assert states(photos) == dict.fromkeys(every, "painted") | {"notes-hokusai-great-wave.png": "failed"}
    with batch(address, photos) as running:
        code, out, err = result(running)
    assert (code, out) == (3, [f"4 there already, 1 failed. {overview}"])


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_who_ends_it_keeps_what_is_finished_and_leaves_no_replica(address, photos, asked):
    with batch(address, photos) as running:
        first = running.stdout.readline().strip()
        replicas = processes_of_replicas()
        running.send_signal(asked)
        code, out, err = result(running)
    assert code == 130
    assert re.match(r"\d painted, \d left, with which the same command goes on\.", out[-1])
    assert painted([first, *out]) == sorted(states(photos))
    assert len(states(photos)) < 4
    assert [line for line in err[1:] if not re.fullmatch(r"\d of 4, .* left", line)] == []
    assert len(replicas) == 2
    assert gone(replicas)


def test_who_ends_it_while_it_waits_for_replicas_leaves_none(address, photos):
    with batch(address, photos) as running:
        while not processes_of_replicas():
            assert running.poll() is None
        replicas = processes_of_replicas()
        running.send_signal(signal.SIGINT)
        code, out, err = result(running)
    assert (code, out) == (130, [])
    assert err == ["Stopped before the first step: there is no picture yet."]
    assert gone(replicas)
