"""The page on borrowed GPUs, in a real browser: app.py as on a ZeroGPU Space, without the card."""

import os
import re
import signal
from pathlib import Path

import pytest

from tests.support.browser import WAIT, again, choose, fill, job_of, paint, visit
from tests.support.server import running
from tests.support.zero_gpu import TOKEN, Lender, has_ended, lending, token

SPACE = """
import os, runpy
from tests.support.zero_gpu import on_zero_gpu
with on_zero_gpu(os.environ["LENDER"]):
    runpy.run_path("app.py", run_name="__main__")
"""

LINE = "#outlook .forecast"
LONGEST = 7200  # seconds that a GPU is asked for: a processor takes its place


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    """The lender, and the page that borrows of it."""
    lender = Lender()
    log = tmp_path_factory.mktemp("space") / "log"
    variables = {"STYLETRANSFER_GPU_SECONDS": str(LONGEST)}
    with lending(lender) as address, running("-c", SPACE, log=log, LENDER=address, **variables) as space:
        assert lender.begun
        yield lender, space.url


@pytest.fixture
def lender(space):
    """The lender, who remembers nobody."""
    lender, url = space
    lender.__init__()
    lender.url = url
    lender.deadline = lender.most_a_time = LONGEST
    return lender


@pytest.fixture
def visitor(browser, lender):
    """A function that opens the browser of a visitor whom Hugging Face knows.

    Nothing that the visitors' pages ask for is refused.
    """
    contexts, refused = [], []

    def new(name):
        headers = {TOKEN: token(name)}
        contexts.append(browser.new_context(base_url=lender.url, extra_http_headers=headers))
        contexts[-1].set_default_timeout(WAIT)
        contexts[-1].on("response", lambda answer: answer.status == 503 and refused.append(answer.url))
        return visit(contexts[-1])

    yield new
    for context in contexts:
        context.close()
    assert refused == []


def sockets_at(port: int, pid: int) -> set[str]:
    """The inodes of this process's sockets at the port."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    at_port = {f"socket:[{x[9]}]" for x in map(str.split, lines) if int(x[1].split(":")[1], 16) == port}
    return at_port & {os.readlink(each) for each in Path(f"/proc/{pid}/fd").iterdir()}


def test_two_visitors_paint_stop_and_use_up_their_time(lender, visitor):
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
    grace.locator(LINE, has_text=f"at most {LONGEST - 10} can be had at once").wait_for()


def test_a_reload_a_process_that_is_killed_and_more_steps_lose_nothing(lender, visitor):
    page = visitor("Hedy")
    paint(page, size=128, steps=3000, scales=1)
    first = job_of(page)
    page.reload()
    page.wait_for_selector(f".placard.painting[data-job='{first}']")
    os.kill(lender.processes[0], signal.SIGKILL)
    page.locator(".placard.failed", has_text="The borrowed GPU was taken back").wait_for()
    page.wait_for_selector("#download")  # the picture so far
    assert job_of(page) == first
    second = gone_on(page)
    third = gone_on(page)
    assert len({first, second, third}) == len(lender.processes) == len(lender.asked) == 3
    assert set(lender.visitors) == {"Hedy"}


def gone_on(page) -> str:
    """Has more steps painted of the picture that is shown, to the last; the new job."""
    before = job_of(page)
    page.click("#go-on")
    page.wait_for_selector(f".placard.done:not([data-job='{before}'])")
    return job_of(page)
