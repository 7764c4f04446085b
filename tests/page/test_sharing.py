"""Links, deleting and waiting, in a real browser over a real server."""

import re
import tempfile
from pathlib import Path

import httpx
import pytest
from gradio.tunneling import BINARY_FILENAME
from PIL import Image

from styletransfer.catalogue import catalogue
from styletransfer.page.i18n import english as texts
from tests.support.browser import PHONE, PHOTO, choose, fill, paint, shows, visit
from tests.support.server import running

PUBLIC = "abcdef.gradio.live"
# What Gradio's tunnel says when it is there; it ends with the server.
TUNNEL = f"""#!/bin/sh
echo "start proxy success: https://{PUBLIC}"
while kill -0 $PPID 2>/dev/null; do sleep 0.2; done
"""
STYLES = [each.file.stem for each in catalogue().styles]


@pytest.fixture
def page(visitor):
    """A page of a visitor whose browser allows access to the clipboard."""
    return visitor(permissions=["clipboard-read", "clipboard-write"]).new_page()


def open_link(page, query):
    with page.expect_response("**/queue/join*"):
        page.goto(f"/?{query}")
    page.locator(".placard", has_text=texts.FROM_LINK).wait_for()


def copied(page, button) -> str:
    """The text in the clipboard, once the page has said that the link was copied."""
    before = page.evaluate("document.querySelector('#link [data-stamp]')?.dataset.stamp")
    page.click(button)
    page.wait_for_function(
        "([before, copied]) => { const link = document.querySelector('#link [data-stamp]');"
        " return link && link.dataset.stamp !== before"
        " && link.querySelector('.said').textContent === copied; }",
        arg=[before, texts.COPIED],
    )
    return page.evaluate("navigator.clipboard.readText()")


def small(page, **values):
    """Paints a small picture to its end."""
    choose(page, **({"size": 128, "steps": 3, "scales": 1} | values))
    page.click("#paint")
    page.wait_for_selector(".placard.done[data-job]")


def test_a_link_fills_in_the_look_and_waits_for_a_photo(page):
    open_link(page, f"style={STYLES[3]}&preset=Best&seed=3&style_weight=8&colours=photo")
    shows(page, style_weight="8", content_weight="5", size="1024")
    page.wait_for_selector("#style-row button[data-index='3'][aria-pressed=true]")
    page.wait_for_selector("#style .image-frame img")
    assert page.locator("#photo .image-frame img").count() == 0
    assert texts.FROM_LINK_DETAIL in page.inner_text("#status")
    assert "except" not in page.inner_text("#status")
    shows(page, seed="3", steps="100")
    assert page.is_checked("#knob-colours input[value=photo]")
    # The filled-in page can be used to paint.
    page.set_input_files("#photo input[type=file]", PHOTO)
    page.wait_for_selector("#photo .image-frame img")
    fill(page, size=128, steps=2, scales=1)
    page.click("#paint")
    page.wait_for_selector(".placard.done[data-job]")
    assert f"style={STYLES[3]}" not in page.url
    page.reload()  # a reload comes back to the picture, not to the link
    page.wait_for_selector(".placard.done[data-job]")


def test_a_preset_in_a_link_is_marked(page):
    open_link(page, "preset=quick")
    page.wait_for_selector("#presets input[value=Quick]:checked")
    shows(page, size="320")
    assert texts.FROM_LINK_NO_STYLE in page.inner_text("#status")


def test_what_cannot_be_followed_is_said_in_one_sentence(page):
    open_link(page, "size=99999&style_weight=8&sytle=wave&blend=%3Cimg+src%3Dx%3E&a=1&b=2")
    shows(page, style_weight="8", size="512")
    said = texts.LINK_LEFT_OUT.format(parts="size=99999, sytle=wave, blend=<img src=x>, 2 more")
    assert said in page.inner_text("#status")
    assert page.locator("#status img").count() == 0


def test_the_look_can_be_copied_before_and_after_a_run_and_opened_again(page, server):
    page.goto("/")
    page.wait_for_selector("#go")
    page.click("#presets label >> text=Quick")
    shows(page, size="320")
    page.click("#style-row [data-index='2']")
    page.wait_for_selector("#style .image-frame img")
    assert copied(page, "#copy-link") == f"{server}/?style={STYLES[2]}&preset=Quick"
    assert page.input_value("#link input") == f"{server}/?style={STYLES[2]}&preset=Quick"
    assert not page.is_visible("#share")  # there is no picture yet
    assert not page.is_visible("#delete")
    small(page, seed=7)
    link = copied(page, "#copy-link")
    assert re.search(r"style=.*size=128.*seed=7", link)
    open_link(page, link.partition("?")[2])
    shows(page, size="128")
    assert copied(page, "#copy-link") == link


def test_without_a_clipboard_the_link_can_be_copied_by_hand(page, server):
    page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', {value: undefined});"
        "document.execCommand = () => false;"
    )
    page.goto("/")
    page.click("#copy-link")
    page.locator("#link .said", has_text=texts.COPY_BY_HAND).wait_for()
    assert page.evaluate("document.getSelection().toString() || document.activeElement.value") == (
        f"{server}/"
    )


def test_a_link_goes_before_a_finished_picture_but_not_before_a_running_one(page):
    page.goto("/")
    paint(page, size=128, steps=3000, scales=1)
    running = page.get_attribute(".placard", "data-job")
    page.goto(f"/?style={STYLES[1]}&size=160")
    page.wait_for_selector(f".placard.painting[data-job='{running}']")
    page.get_by_text(texts.LINK_BUSY).wait_for()
    shows(page, size="128")
    page.click("#stop")
    page.wait_for_selector(".placard.done")
    open_link(page, f"style={STYLES[1]}&size=160")
    shows(page, size="160")
    page.goto("/")  # without the link the finished picture is shown as before
    page.wait_for_selector(f".placard.done[data-job='{running}']")


def test_a_picture_is_shared_by_a_link_of_its_own(page, server, visitor):
    page.goto("/")
    small(page, seed=5)
    job = page.get_attribute(".placard", "data-job")
    link = copied(page, "#share")
    assert link.startswith(f"{server}/picture/")
    assert job not in link
    assert copied(page, "#share") == link
    for scheme, dark in (("dark", True), ("light", False)):
        guest = visitor(color_scheme=scheme, viewport=PHONE["viewport"]).new_page()
        asked = []
        guest.on("request", lambda request, asked=asked: asked.append(request.url))
        assert guest.goto(link).status == 200
        assert guest.evaluate("document.querySelector('img').naturalWidth") == 128
        assert guest.evaluate("document.documentElement.scrollWidth") <= 390
        assert set(asked) <= {link, f"{link}.jpg", f"{server}/favicon.ico"}
        colour = guest.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (max(map(int, re.findall(r"\d+", colour))) < 80) == dark
    guest.click("text=" + texts.PAINT_LIKE_THIS)
    guest.locator(".placard", has_text=texts.FROM_LINK).wait_for()
    shows(guest, size="128")
    assert guest.locator("#photo .image-frame img").count() == 0


def test_ones_own_painting_goes_with_a_look_only_on_purpose_and_can_be_taken_back(
    page, server, visitor, tmp_path
):
    own = tmp_path / "mine.png"
    Image.effect_noise((150, 110), 90).convert("RGB").save(own)
    page.goto("/")
    page.set_input_files("#style input[type=file]", own)
    page.wait_for_selector("#style .image-frame img")
    assert copied(page, "#copy-link") == f"{server}/"
    assert not page.is_visible("#delete")
    link = copied(page, "#link [data-share-painting]")
    assert re.fullmatch(rf"{server}/\?painting=[\w-]+", link)
    address = httpx.get(link).text.partition('og:image" content="')[2].partition('"')[0]
    assert httpx.get(address).headers["content-type"] == "image/jpeg"
    guest = visitor(permissions=["clipboard-read", "clipboard-write"]).new_page()
    open_link(guest, link.partition("?")[2])
    guest.wait_for_selector("#style .image-frame img")
    assert texts.SHARED_PAINTING in guest.inner_text("#status")
    assert copied(guest, "#copy-link") == link  # it is passed on as it came
    assert guest.locator("#link [data-share-painting]").count() == 0
    page.reload()
    page.click("#delete")
    page.click("#delete-yes")
    page.wait_for_selector(".placard.deleted")
    page.wait_for_selector("#delete", state="hidden")
    assert httpx.get(address).status_code == 404
    open_link(guest, link.partition("?")[2])
    guest.locator("#status", has_text=texts.FROM_LINK_PAINTING_GONE).wait_for()
    assert guest.locator("#style .image-frame img").count() == 0


def test_a_phones_own_sheet_gets_the_picture_as_a_file(visitor):
    page = visitor(**PHONE).new_page()
    page.add_init_script(
        "navigator.canShare = () => true;"
        "navigator.share = async ({url, files}) => {"
        " window.handed = [url, files?.[0].type, files?.[0].size]; };"
    )
    page.goto("/")
    page.tap("#copy-link")
    page.wait_for_function("window.handed")
    assert page.evaluate("window.handed")[1] is None  # a look has no picture
    page.evaluate("delete window.handed")
    small(page)
    page.tap("#share")
    page.wait_for_function("window.handed")
    url, kind, size = page.evaluate("window.handed")
    assert (kind, size) == ("image/jpeg", len(httpx.get(f"{url}.jpg").content))


def files_with(marks: list[bytes]) -> list[Path]:
    """Files of the running servers that contain one of these byte strings."""
    folders = Path(tempfile.gettempdir()).glob("styletransfer-page-*")
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    return [file for file in files if any(mark in content(file) for mark in marks)]


def content(file: Path) -> bytes:
    """What is in a file; nothing if the server has taken it away meanwhile."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


def test_delete_now_leaves_nothing(page, server, tmp_path):
    own = tmp_path / "me.png"
    Image.effect_noise((150, 110), 90).convert("RGB").save(own)
    page.goto("/")
    small(page, photo=own)
    first = page.get_attribute(".placard", "data-job")
    page.click("#paint")  # a second picture of the same photo, in the same tab
    page.wait_for_function(
        "first => { const card = document.querySelector('.placard.done');"
        " return card?.dataset.job && card.dataset.job !== first; }",
        arg=first,
    )
    link = copied(page, "#share")
    shown = page.get_attribute("#picture img", "src")
    jobs = [first, page.get_attribute(".placard", "data-job")]
    photo = page.get_attribute("#photo img", "src")
    pictures = [httpx.get(each).content for each in (shown, f"{link}.jpg", photo)]
    assert pictures[2] == own.read_bytes()
    assert len(files_with(pictures)) >= 3
    page.click("#delete")
    page.click("#delete-no")
    page.wait_for_selector("#sure", state="hidden")
    assert len(files_with(pictures)) >= 3
    page.click("#delete")
    page.click("#delete-yes")
    page.locator(".placard", has_text=texts.DELETED_MANY.format(n=2)).wait_for()
    page.wait_for_selector("#photo .image-frame", state="detached")
    page.wait_for_selector("#style .image-frame", state="detached")
    assert not page.is_visible("#download")
    assert not page.is_visible("#share")
    assert page.is_visible("#choose")
    assert "results/" in page.get_attribute("#picture img", "src")  # an example, as at first
    assert files_with(pictures) == []
    assert httpx.get(link).status_code == 404
    assert httpx.get(photo).status_code in (403, 404)
    for job in jobs:
        page.evaluate("id => sessionStorage.setItem('styletransfer-job', id)", job)
        with page.expect_response("**/queue/join*"):
            page.reload()
        page.locator(".placard.example").wait_for()
        assert page.locator(".placard[data-job]").count() == 0
    small(page)  # a new picture can be painted


def test_delete_now_ends_a_run(page):
    page.goto("/")
    paint(page, size=128, steps=3000, scales=1)
    job = page.get_attribute(".placard", "data-job")
    page.click("#delete")
    page.click("#delete-yes")
    page.wait_for_selector(".placard.deleted")
    page.wait_for_selector("#stop", state="hidden")
    assert page.is_visible("#choose")
    small(page)  # its place in the queue is free
    assert page.get_attribute(".placard", "data-job") != job


def test_the_tabs_title_tells_how_far_it_is(page):
    page.goto("/")
    choose(page, size=128, steps=100, scales=1)
    page.mouse.move(5, 5)
    page.evaluate(
        "() => { window.titles = []; new MutationObserver(() => window.titles.push(document.title))"
        ".observe(document.querySelector('title'), {childList: true}); }"
    )
    page.evaluate("document.querySelector('#paint').click()")
    page.wait_for_function(f"document.title === '{texts.DONE} · {texts.TITLE}'")
    page.wait_for_selector(".placard.done")
    shares = [int(each.split()[0]) for each in page.evaluate("window.titles") if " % · " in each]
    assert len(shares) >= 2
    assert 0 <= shares[0] <= shares[-1] <= 100
    page.mouse.move(50, 50)  # a visitor looks at the tab
    page.wait_for_function(f"document.title === '{texts.TITLE}'")


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    """The address of a server, started as people start it, that allows one picture a visitor.

    It has a public link, too, by a tunnel that only says that it is there.
    """
    folder = tmp_path_factory.mktemp("strict")
    tunnel = folder / "gradio" / "frpc" / BINARY_FILENAME  # where Gradio keeps the program
    tunnel.parent.mkdir(parents=True)
    tunnel.write_text(TUNNEL)
    tunnel.chmod(0o755)
    options = (
        "--share",
        "--per-visitor",
        "1",
        "--per-address",
        "2",
        "--waiting",
        "2",
        "--trusted-proxies",
        "127.0.0.1",
    )
    known = {"HF_HOME": str(folder), "GRADIO_SHARE_SERVER_ADDRESS": "127.0.0.1:1"}
    log = folder / "log"
    with running("app.py", "--device", "cpu", *options, log=log, **known) as server:
        yield server.url
    assert "Traceback" not in log.read_text()
    assert f"Running on public URL: https://{PUBLIC}" in log.read_text()


def test_each_visitor_has_a_limit_and_sees_a_place_that_moves_up(visitor, strict):
    first, second, third = (
        visitor(base_url=strict, extra_http_headers={"X-Forwarded-For": f"203.0.113.{number}"})
        for number in (1, 2, 3)
    )
    painting = visit(first)
    paint(painting, size=128, steps=3000, scales=1)
    again = visit(first)
    choose(again, size=128, steps=2, scales=1)
    again.click("#paint")
    again.locator(".placard.failed", has_text="A picture of yours is being painted").wait_for()
    waiting = visit(second)
    choose(waiting, size=128, steps=3000, scales=1)
    waiting.click("#paint")
    waiting.locator(".placard.waiting", has_text=texts.WAITING_ONE).wait_for()
    last = visit(third)
    choose(last, size=128, steps=2, scales=1)
    last.click("#paint")
    last.locator(".placard.waiting", has_text=texts.WAITING_MANY.format(n=2)).wait_for()
    assert last.title() == f"{texts.WAITING_MANY.format(n=2)} · {texts.TITLE}"
    painting.click("#stop")
    last.locator(".placard.waiting", has_text=texts.WAITING_ONE).wait_for()
    waiting.wait_for_selector(".placard.painting")
    again.click("#paint")  # the first visitor may start another picture
    again.locator(".placard.waiting", has_text=texts.WAITING_MANY.format(n=2)).wait_for()
    waiting.click("#stop")
    last.wait_for_selector(".placard.done")
    again.wait_for_selector(".placard.done")


def test_app_serves_the_pages_of_pictures(strict):
    answer = httpx.get(f"{strict}/picture/unknown")
    assert answer.status_code == 404
    assert texts.PICTURE_GONE in answer.text
    assert answer.headers["x-robots-tag"] == "noindex"


def test_by_the_public_link_the_page_and_its_previews_are_at_that_address(strict):
    through = {"Host": PUBLIC, "X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7"}
    html = httpx.get(f"{strict}/?style={STYLES[0]}", headers=through).text
    preview = re.search(r'property="og:image" content="([^"]+)"', html)[1]
    assert preview.startswith(f"https://{PUBLIC}/")
    upload = {"url": f"{strict}/gradio_api/upload", "files": {"files": ("a.jpg", PHOTO.read_bytes())}}
    answers = {
        name: httpx.post(**upload, headers=through | {"Origin": f"https://{name}"}).status_code
        for name in (PUBLIC, "other.gradio.live")
    }
    assert answers == {PUBLIC: 200, "other.gradio.live": 403}
