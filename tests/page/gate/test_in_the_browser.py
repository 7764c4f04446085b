"""The page behind its gate in a real browser: nothing that it does is against its own policy."""

import re

import pytest

from tests.support.browser import choose, finish, paint, visit

AGAINST = re.compile("content security policy|refused to|permissions policy|blocked by", re.IGNORECASE)


@pytest.fixture
def watched(visitor):
    """A function that opens a visitor's browser, and the list of what it was not allowed to do.

    Requests to other servers are on the list, too, and answers that the page does not expect.
    """
    said = []

    def new(**options):
        context = visitor(**options)
        context.on("console", lambda each: AGAINST.search(each.text) and said.append(each.text))
        context.on("weberror", lambda each: said.append(str(each.error)))
        context.on(
            "response", lambda each: each.status >= 400 and said.append(f"{each.status} {each.url}")
        )
        context.on("request", lambda each: _is_elsewhere(each.url) and said.append(each.url))
        return context

    return new, said


def _is_elsewhere(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1:", "data:", "blob:"))


@pytest.mark.parametrize("language", ["en", "de", "zh-CN"])
def test_painting_stopping_and_coming_back(watched, language):
    new, said = watched
    page = visit(new(locale=language))
    paint(page, size=128, steps=3000, scales=1)
    page.click("#stop")
    page.wait_for_selector(".placard.done[data-job]")
    page.wait_for_selector("#download")
    page.reload()
    page.wait_for_selector(".placard.done[data-job]")
    page.wait_for_selector("#download")
    assert said == []


def test_a_finished_picture_and_all_that_can_be_done_with_it(watched):
    new, said = watched
    page = visit(new(permissions=["clipboard-read", "clipboard-write"]))
    finish(page)
    page.click("#share")
    page.wait_for_selector("#link input")
    shared = page.input_value("#link input")
    page.click("#compare")
    page.wait_for_selector("#viewer .both img")
    page.click("#timelapse")
    page.wait_for_selector("#viewer .timelapse input")
    page.wait_for_selector("#viewer video")
    with page.expect_download():
        page.click("#download")
    page.click("#how > button")
    page.goto(shared)
    page.wait_for_selector("main img")
    assert said == []


def test_masks_and_a_part_of_the_painting(watched):
    new, said = watched
    page = visit(new())
    choose(page)
    page.click("#more > button")
    page.click("#masks-open")
    page.wait_for_selector("#masks canvas")
    box = page.locator("#masks canvas").first.bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 120, steps=5)
    page.mouse.up()
    page.click("#masks-close")
    page.click("#part")
    page.wait_for_selector("#part-board img")
    assert said == []


def test_logging_in_with_a_wrong_and_a_right_password(watched, serve, tmp_path):
    (tmp_path / "accounts").write_text("ann:her password\n")
    accounts, data = tmp_path / "accounts", tmp_path / "data"
    _, url, _ = serve("app.py", "--device", "cpu", "--auth-file", str(accounts), "--data", str(data))
    new, said = watched
    page = new(base_url=url, color_scheme="dark", locale="de").new_page()
    page.goto("/?style=hokusai-poppies&preset=Best")
    page.get_by_label("Name").fill("ann")
    page.get_by_label("Passwort").fill("my password")
    page.get_by_role("button", name="Anmelden").click()
    page.get_by_text("Der Name oder das Passwort ist falsch.").wait_for()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(23, 22, 21)"
    assert said.pop(0).startswith("401 ")
    page.get_by_label("Name").fill("ann")
    page.get_by_label("Passwort").fill("her password")
    page.get_by_role("button", name="Anmelden").click()
    page.wait_for_selector("#go")
    page.wait_for_selector("#style .image-frame img")  # the link's painting
    page.reload()
    page.wait_for_selector("#style .image-frame img")  # the page is whole before it is left
    page.goto("/logout")
    page.get_by_role("button", name="Abmelden").click()
    page.get_by_label("Passwort").wait_for()
    assert said == []
    written = [data, *data.rglob("*")]
    assert len(written) > 3
    assert [path for path in written if path.stat().st_mode & 0o077] == []
