"""The page on borrowed GPUs, in a real browser: app.py as on a ZeroGPU Space, without the card."""

import os
import re
from pathlib import Path

import pytest

from tests.support.browser import WAIT, again, choose, fill, paint, visit
from tests.support.server import running
from tests.support.zero_gpu import TOKEN, Lender, has_ended, lending, token

SPACE = """
import os, runpy
from tests.support.zero_gpu import on_zero_gpu
with on_zero_gpu(os.environ["LENDER"]):
    runpy.run_path("app.py", run_name="__main__")
"""

LINE = "#outlook .forecast"


@pytest.fixture
def lender(tmp_path, monkeypatch):
    lender = Lender()
    lender.deadline = 600  # no card, so that it takes longer than was asked for
    with lending(lender) as address:
        monkeypatch.setenv("LENDER", address)
        with running("-c", SPACE, log=tmp_path / "log") as space:
            lender.url = space.url
            yield lender


@pytest.fixture
def visitor(browser, lender):
    """A function that opens the browser of a visitor whom Hugging Face knows."""
    contexts = []

    def new(name):
        headers = {TOKEN: token(name)}
        contexts.append(browser.new_context(base_url=lender.url, extra_http_headers=headers))
        contexts[-1].set_default_timeout(WAIT)
        return visit(contexts[-1])

    yield new
    for context in contexts:
        context.close()


def sockets_at(port: int, pid: int) -> set[str]:
    """The inodes of this process's sockets at the port."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    at_port = {f"socket:[{x[9]}]" for x in map(str.split, lines) if int(x[1].split(":")[1], 16) == port}
    return at_port & {os.readlink(each) for each in Path(f"/proc/{pid}/fd").iterdir()}


def test_two_visitors_paint_stop_and_use_up_their_time(lender, visitor):
    assert lender.begun
    ada, grace = visitor("Ada"), visitor("Grace")
    paint(ada, size=256, steps=3000, scales=1)
    port = int(lender.url.rpartition(":")[2])
    assert sockets_at(port, lender.processes[0]) == set()
    choose(grace, size=128, steps=12, scales=1)
    grace.locator(LINE, has_text=re.compile(r"asks for \d+ s of your GPU time today")).wait_for()
    again(grace)
    assert lender.visitors == ["Ada", "Grace"]
    ada.click("#stop")
    ada.wait_for_selector(".placard.done")
    assert has_ended(lender.processes[0])
    lender.left["Grace"] = 5
    grace.click("#paint")
    grace.wait_for_selector(".placard.failed")
    said = grace.inner_text(".placard.failed")
    assert re.search(r"asks for \d+ seconds of GPU time, and you have 5 left today", said)
    fill(grace, size=4096, steps=3000)
    grace.locator(LINE, has_text="at most 70 can be had at once").wait_for()
