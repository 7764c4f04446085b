"""What is told of jobs that have ended: to readers, to the log of runs, and to Prometheus."""

import json
from dataclasses import asdict
from queue import SimpleQueue

import httpx
import pytest
from prometheus_client import generate_latest

from styletransfer.errors import StyleTransferError
from styletransfer.pictures import Pictures
from styletransfer.service.metrics import Metrics
from styletransfer.service.queue import Busy, Limits, Queue
from styletransfer.service.run_log import RunLog
from styletransfer.service.store import Store
from styletransfer.service.visitor import Visitor
from styletransfer.settings import Settings
from tests.support.runner import PATIENCE, no_draft
from tests.support.samples import ROOT
from tests.support.server import free_port
from tests.support.steps import picture

VISITOR = Visitor("203.0.113.77", "a-secret-browser")


@pytest.fixture
def store(tmp_path, monkeypatch, runner):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    return Store(Queue(runner, no_draft), tmp_path / "data")


def begin(store, steps=2):
    settings = Settings(size=128, steps=steps, scales=1)
    run = store.runs.start(Pictures(picture(), [picture()]), settings, VISITOR)
    store.runs.remember(run, {"content": "/uploads/me-on-holiday.jpg"}, {})
    return run


@pytest.fixture
def ended(store):
    """A function that waits for the journal's next entry."""
    entries = SimpleQueue()
    store.journal.readers.append(entries.put)
    return lambda: entries.get(timeout=PATIENCE)


def test_a_run_that_is_done_is_told_without_what_could_name_anybody(store, runner, ended):
    run = begin(store)
    runner.release(2)
    entry = ended()
    assert (entry.state, entry.code, entry.steps, entry.of) == ("done", None, 2, 2)
    assert (entry.kind, entry.program, entry.width) == ("picture", False, 2)
    assert entry.waited >= 0
    said = json.dumps(asdict(entry))
    assert not any(word in said for word in (run.id, "holiday", "203.0.113", "secret"))


def test_a_failed_run_is_told_with_its_code_and_a_stopped_one_as_stopped(store, runner, ended):
    runner.fails = RuntimeError("boom")
    begin(store)
    runner.release(2)
    assert ended().code == "server_failed"
    runner.fails = None
    begin(store)
    begin(store).stop()
    entry = ended()
    assert (entry.state, entry.steps, entry.step_seconds) == ("stopped", 0, None)
    runner.release(2)
    assert ended().state == "done"


def test_what_is_refused_for_a_limit_is_counted(store, runner):
    store.queue.limits = Limits(per_address=1)
    run = begin(store)
    for _ in range(2):
        with pytest.raises(Busy):
            begin(store)
    assert store.journal.refusals == {"address_is_busy": 2}
    runner.release(2)
    assert run.wait(PATIENCE)


def test_the_log_has_a_line_of_json_for_each_run_also_when_the_file_was_moved_away(
    store, runner, ended, tmp_path
):
    file = tmp_path / "runs.jsonl"
    store.journal.readers.insert(0, RunLog(file).write)
    for number in (1, 2):
        begin(store)
        runner.release(2)
        entry = ended()
        line = json.loads(file.read_text())
        assert (line["state"], line["steps"], line["run"]) == ("done", 2, entry.run)
        assert line["time"].endswith("+00:00")
        assert list(line) == json.loads((ROOT / "tests/data/api.json").read_text())["log"]
        file.rename(tmp_path / f"old-{number}")


def test_a_log_that_cannot_be_written_is_refused_at_once_and_later_said_once(
    store, runner, ended, tmp_path, caplog
):
    with pytest.raises(StyleTransferError) as error:
        RunLog(tmp_path)
    assert error.value.code == "run_log_unusable"
    (tmp_path / "logs").mkdir()
    store.journal.readers.insert(0, RunLog(tmp_path / "logs/runs").write)
    (tmp_path / "logs/runs").unlink()
    (tmp_path / "logs/runs").mkdir()
    for _ in range(2):
        begin(store)
        runner.release(2)
        ended()
    assert caplog.text.count("the log of runs cannot be written") == 1


def figures(text: str) -> dict[str, float]:
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def test_prometheus_gets_runs_seconds_and_refusals(store, runner, ended):
    metrics = Metrics(store)
    store.journal.refused("nothing_here")
    begin(store)
    begin(store)
    told = figures(generate_latest(metrics.registry).decode())
    assert told['styletransfer_runs{state="painting"}'] == 1
    assert told['styletransfer_runs{state="waiting"}'] == 1
    runner.release(4)
    ended()
    ended()
    told = figures(generate_latest(metrics.registry).decode())
    assert told['styletransfer_runs_ended_total{code="",kind="picture",state="done"}'] == 2
    assert told['styletransfer_runs{state="kept"}'] == 2
    assert told["styletransfer_step_seconds_count"] == 2
    assert told["styletransfer_waiting_seconds_count"] == 2
    assert told['styletransfer_refusals_total{code="nothing_here"}'] == 1
    assert told["styletransfer_healthy"] == 1


def test_figures_have_a_port_of_their_own_and_a_taken_one_is_told(store):
    port = free_port()
    Metrics(store).serve("127.0.0.1", port)
    assert "styletransfer_runs" in httpx.get(f"http://127.0.0.1:{port}/metrics").text
    with pytest.raises(StyleTransferError) as error:
        Metrics(store).serve("127.0.0.1", port)
    assert error.value.code == "metrics_unusable"
    assert f"127.0.0.1:{port}" in str(error.value)
