"""Watching a job in a real browser: several tabs, and no request to Gradio."""

from styletransfer.page.i18n import english as texts
from tests.support.browser import paint, step, visit


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
