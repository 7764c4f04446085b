"""Painting on replicas of a real Ray cluster on this machine, where Ray is installed: it is an extra."""

import asyncio
import os
import signal
import socket
import sys
from contextlib import closing
from dataclasses import replace
from types import SimpleNamespace

import pytest

from benchmarks.replicas import processes_of_replicas
from styletransfer.errors import StyleTransferError
from styletransfer.images import resize
from styletransfer.pictures import Pictures
from styletransfer.recipe import version
from styletransfer.service.painter_process import Equipment
from styletransfer.service.ray_cluster import Cluster, cluster_of, join
from styletransfer.service.replica import Replica
from styletransfer.service.replicas import Replicas
from styletransfer.settings import Settings
from tests.support.coroutines import run
from tests.support.samples import painting, photo

SMALL = Settings(size=128, steps=6, scales=1, keep_faces=False)
CPU = Equipment("cpu", "vgg19", "float32")


@pytest.fixture(scope="module")
def pictures():
    return Pictures(resize(photo(), 128), [resize(painting(), 128)])


@pytest.mark.parametrize(("text", "numbers"), [("4", (4, 4)), ("1:8", (1, 8)), ("2:2", (2, 2))])
def test_replicas_are_a_number_or_from_fewest_to_most(text, numbers):
    cluster = cluster_of("auto", text, 0.5)
    assert (cluster.fewest, cluster.most) == numbers
    assert cluster.gpus == 0.5


@pytest.mark.parametrize("text", ["", "0", "0:3", "5:2", "1:", ":4", "many", "-1", "1:2:3"])
def test_other_numbers_of_replicas_are_refused_with_a_sentence(text):
    with pytest.raises(StyleTransferError) as caught:
        cluster_of("auto", text, 0)
    assert caught.value.code == "replicas_malformed"


def test_without_ray_it_is_said_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(StyleTransferError, match="pip install") as caught:
        Replicas(Cluster(), "vgg19", None).prepare()
    assert caught.value.code == "ray_missing"


async def _all(news):
    return [each async for each in news]


def test_a_replica_paints_every_step_and_is_free_for_the_next_run(pictures):
    replica = Replica(CPU)

    async def painted():
        first = replica.paint(version(), pictures, replace(SMALL, steps=100))
        await anext(first)
        await first.aclose()
        return await _all(replica.paint(version(), pictures, SMALL))

    news = run(painted())
    assert [each.numbers["number"] for each in news] == [1, 2, 3, 4, 5, 6]
    assert news[-1].picture.size == (128, 85)


def test_a_replica_is_well_while_it_loads_and_when_its_device_answers(pictures):
    replica = Replica(CPU)
    run(replica.check_health())
    assert run(replica.precision(version())) is not None
    run(replica.check_health())
    replica.worker.check = lambda: 1 / 0  # as where the device has gone
    with pytest.raises(ZeroDivisionError):
        run(replica.check_health())


def test_a_replica_of_another_version_paints_nothing_and_says_so(pictures):
    replica = Replica(CPU)
    asked = replica.paint("0.0.1", pictures, SMALL)
    (said,) = run(_all(asked))
    assert said.code == "replica_of_other_version"
    assert said.fields == {"theirs": version(), "ours": "0.0.1"}
    assert run(replica.precision("0.0.1")).code == "replica_of_other_version"


@pytest.mark.parametrize("address", ["127.0.0.1:{port}", "nowhere", "127.0.0.1:port", ""])
def test_an_address_at_which_nothing_answers_is_a_sentence(address):
    pytest.importorskip("ray")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    with pytest.raises(StyleTransferError) as caught:
        Replicas(Cluster(address.format(port=free)), "vgg19", None).prepare()
    assert caught.value.code == "cluster_not_there"


def test_a_cluster_that_asks_for_a_token_is_another_sentence():
    def refuse(**_):
        raise ConnectionError("Failed to connect")

    with socket.create_server(("127.0.0.1", 0)) as somebody:
        address = f"127.0.0.1:{somebody.getsockname()[1]}"
        with pytest.raises(StyleTransferError, match="RAY_AUTH_MODE=token") as caught:
            join(SimpleNamespace(init=refuse), Cluster(address))
    assert caught.value.code == "cluster_refuses"


def test_replicas_that_have_no_room_here_are_refused_instead_of_waited_for():
    pytest.importorskip("ray")
    with pytest.raises(StyleTransferError) as caught:
        Replicas(Cluster(fewest=1000, most=1000), "vgg19", None).prepare()
    assert caught.value.code == "cluster_too_small"
    assert caught.value.fields["needed"] == "1000"


@pytest.fixture(scope="module")
def cluster():
    """Two replicas on this machine."""
    pytest.importorskip("ray")
    runner = Replicas(Cluster(fewest=2, most=2), "vgg19", "float32")
    runner.prepare()
    yield runner
    runner.close()


pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own


def test_a_replica_paints_and_settings_count_from_the_next_step_on(cluster, pictures):
    steps = cluster(pictures, SMALL)
    taken = [next(steps), next(steps)]
    taken.append(steps.send(replace(SMALL, style_weight=9)))
    taken += steps
    assert [step.number for step in taken] == [1, 2, 3, 4, 5, 6]
    for step, weight in zip(taken, [SMALL.style_weight] * 2 + [9] * 4, strict=True):
        smoothness = SMALL.smoothness * step.smoothness
        weighted = SMALL.content_weight * step.content + weight * step.style + smoothness
        assert step.total == pytest.approx(weighted, rel=1e-3)


def test_a_run_that_is_stopped_leaves_its_replica_to_others(cluster, pictures):
    for _ in range(3):
        with closing(cluster(pictures, replace(SMALL, steps=1000))) as steps:
            next(steps)
    assert len(list(cluster(pictures, SMALL))) == 6


def test_a_run_whose_replica_is_killed_goes_on_at_another_one(cluster, pictures):
    before = processes_of_replicas()
    assert len(before) == 2
    numbers, notes = [], set()
    for step in cluster(pictures, replace(SMALL, steps=300, scales=1)):
        numbers.append(step.number)
        notes.add(step.note)
        if step.number == 8 and before:
            os.kill(before.pop(), signal.SIGKILL)
        if step.number == 16 and before:
            os.kill(before.pop(), signal.SIGKILL)
        if "painter_lost" in notes and step.number > 40:
            break
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(1, max(numbers) + 1))
    assert "painter_lost" in notes


def test_a_cluster_in_which_a_replica_runs_is_well(cluster):
    cluster.check()
    elsewhere = Replicas(Cluster(name="nothing-of-this-name"))
    with pytest.raises(StyleTransferError) as caught:
        elsewhere.check()
    assert caught.value.code == "no_replica_runs"


def test_an_error_for_people_crosses_with_its_code(cluster, pictures):
    tiny = Pictures(pictures.content, [resize(painting(), 8)])
    with pytest.raises(StyleTransferError) as caught:
        next(cluster(tiny, SMALL))
    assert caught.value.code == "painting_too_small"


def test_the_pace_is_learned_from_a_trial(cluster):
    untouched = Replicas(Cluster(fewest=2, most=2), "vgg19", "float32")
    untouched._handle = cluster._handle
    untouched._time()
    assert untouched.pace.factor != 1


def test_when_it_is_closed_no_thread_goes_on_telling_the_cluster(cluster):  # the last: it has gone then
    loop = cluster._handle._router.event_loop

    def telling():
        return [task for task in asyncio.all_tasks(loop) if "metrics" in task.get_coro().__qualname__]

    assert telling()
    cluster.close()
    assert telling() == []
    cluster.close()  # of one that has gone
