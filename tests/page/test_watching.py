"""Watching a job in a real browser: several tabs, a lost connection, and a crowd of watchers."""

from contextlib import AsyncExitStack

import httpx
import pytest

from benchmarks.page_client import Page, Visitor
from styletransfer.catalogue import catalogue
from styletransfer.page.i18n import english as texts
from tests.support.browser import PHOTO, job_of, paint, step, visit
from tests.support.coroutines import run
from tests.support.proxy import Line

STYLE = catalogue().styles[0].file


@pytest.fixture
def line(server):
    """A connection to the server that can be cut."""
    line = Line(int(server.rpartition(":")[2]))
    yield line
    line.cut()


def also_watched(context, job):
    """Another tab of this visitor, which comes back to the same job."""
    other = context.new_page()
    other.add_init_script(f"sessionStorage.setItem('styletransfer-job', '{job}')")
    other.goto("/")
    other.wait_for_selector(f".placard.painting[data-job='{job}']")
    return other


def test_two_tabs_watch_one_run_to_its_end(context):
    page = visit(context)
    paint(page, size=160, steps=3000, scales=1)
    other = also_watched(context, job_of(page))
    seen = step(other)
    other.wait_for_function(
        "seen => Number(/step (\\d+)/.exec(document.querySelector('#status').innerText)[1]) > seen",
        arg=seen,
    )
    assert other.is_visible("#stop")
    other.wait_for_function(
        "() => { const image = document.querySelector('#picture img');"
        " return image.src.includes('/watch/') && image.complete && image.naturalWidth; }"
    )
    other.click("#stop")
    for tab in (page, other):
        tab.wait_for_selector(".placard.done")
        tab.wait_for_selector("#download")
        assert tab.is_visible("#paint")
        tab.wait_for_function("document.querySelector('#picture img').src.endsWith('.png')")


def test_what_is_deleted_in_one_tab_is_gone_in_the_other(context):
    page = visit(context)
    paint(page, size=160, steps=3000, scales=1)
    other = also_watched(context, job_of(page))
    other.click("#delete")
    other.click("#delete-yes")
    for tab in (page, other):
        tab.wait_for_selector(f".placard.deleted >> text={texts.DELETED}")
        tab.wait_for_selector("#stop", state="hidden")


def test_a_lost_connection_is_told_of_and_taken_up_again_by_itself(visitor, line):
    page = visit(visitor(base_url=line.url))
    paint(page, size=160, steps=3000, scales=1)
    job = job_of(page)
    line.cut()
    page.wait_for_selector(f"#status .when >> text={texts.CONNECTION_LOST}")
    assert page.inner_text("#status .spoken") == texts.CONNECTION_LOST
    assert job_of(page) == job
    line.mend()
    page.wait_for_function("/step \\d+ of/.test(document.querySelector('#status').innerText)")
    page.click("#stop")
    page.wait_for_selector(f".placard.done[data-job='{job}']")
    page.wait_for_selector("#download")


def test_with_more_watchers_than_gradio_runs_events_a_button_still_answers(server):
    async def pressed():
        limits = httpx.Limits(max_connections=None)
        async with (
            httpx.AsyncClient(base_url=server, limits=limits, timeout=120) as client,
            AsyncExitStack() as streams,
        ):
            page = Page((await client.get("/config")).json())
            visitor = Visitor(client, page)
            inputs = {"photo": await visitor.upload(PHOTO), "style": await visitor.upload(STYLE)}
            inputs |= {"knob-size": 128, "knob-steps": 3000, "knob-scales": 1}
            jobs = [await Visitor(client, page).paint(inputs) for _ in range(3)]
            for job in jobs * 15:
                stream = await streams.enter_async_context(client.stream("GET", f"/watch/{job}"))
                assert "retry" in await anext(stream.aiter_text())
            jobs.append(await visitor.paint(inputs))
            for job in jobs:
                await client.delete(f"/runs/{job}")
            return jobs

    assert len(set(run(pressed()))) == 4


def test_the_page_asks_gradio_nothing_while_it_watches(context):
    page = visit(context)
    paint(page, size=160, steps=3000, scales=1)
    page.wait_for_function("/step \\d\\d/.test(document.querySelector('#status').innerText)")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for _ in range(20):  # what the controls had to tell before Paint was pressed may still be on its way
        asked.clear()
        page.wait_for_timeout(1500)
        if not any("/queue/" in url for url in asked):
            break
    now = step(page)
    page.wait_for_function(
        "now => Number(/step (\\d+)/.exec(document.querySelector('#status').innerText)[1]) > now + 20",
        arg=now,
    )
    assert any("/watch/" in url for url in asked)
    assert [url for url in asked if "/queue/" in url] == []
    page.click("#stop")
    page.wait_for_selector(".placard.done")
