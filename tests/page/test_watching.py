"""Watching a job in a real browser: several tabs, a lost connection, and a crowd of watchers."""

from contextlib import ExitStack

import httpx
import pytest

from styletransfer.page.i18n import english as texts
from tests.support.browser import choose, paint, step, visit
from tests.support.proxy import Line


@pytest.fixture
def line(server):
    """A connection to the server that can be cut."""
    line = Line(int(server.rpartition(":")[2]))
    yield line
    line.cut()


def job_of(page) -> str:
    return page.get_attribute(".placard", "data-job")


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
        assert tab.is_visible("#paint")


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


def test_with_more_watchers_than_gradio_runs_events_paint_still_answers(visitor, context, server):
    with ExitStack() as streams:
        client = streams.enter_context(httpx.Client(base_url=server, timeout=120))
        for _ in range(3):
            page = visit(visitor())
            choose(page, size=128, steps=3000, scales=1)
            page.click("#paint")
            page.wait_for_selector(".placard:is(.waiting, .painting)[data-job]")
            for _ in range(16):
                stream = streams.enter_context(client.stream("GET", f"/watch/{job_of(page)}"))
                assert stream.headers["content-type"].startswith("text/event-stream")
                assert "retry" in next(stream.iter_text())
            page.close()
        page = visit(context)
        choose(page, size=128, steps=2, scales=1)
        page.click("#paint")
        page.wait_for_selector(".placard.waiting[data-job]")
        page.click("#stop")
        page.wait_for_selector(".placard:is(.done, .failed)[data-job]")  # with or without a draft


def test_the_page_asks_gradio_nothing_while_it_watches(context):
    page = visit(context)
    paint(page, size=160, steps=3000, scales=1)
    page.wait_for_function("/step \\d\\d/.test(document.querySelector('#status').innerText)")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    now = step(page)
    page.wait_for_function(
        "now => Number(/step (\\d+)/.exec(document.querySelector('#status').innerText)[1]) > now + 20",
        arg=now,
    )
    assert any("/watch/" in url for url in asked)
    assert [url for url in asked if "/queue/" in url] == []
    page.click("#stop")
    page.wait_for_selector(".placard.done")
