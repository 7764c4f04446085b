"""The page from a Space's files, under a path, behind a proxy that ends answers that take long."""

import re
from urllib.parse import urljoin

import httpx
import pytest
from gradio_client import Client, handle_file

from styletransfer.page.accent import contrast
from styletransfer.space import space_files
from tests.support.browser import PHOTO, WAIT, WIDE, choose, paint, saved
from tests.support.other_site import served
from tests.support.path_proxy import proxied
from tests.support.samples import PAINTING
from tests.support.server import running

PREFIX = "/paint"
TITLE, COLOUR = "Ann's <b>studio</b>", "#8a1c4a"
A_MINUTE, SHORT = 60, 1  # seconds that the proxy lets an answer last
# The number of the step that the placard shows; nothing while the connection is lost.
STEP = "Number(/step (\\d+) of/.exec(document.querySelector('#status').innerText)?.[1] ?? 0)"
ACCENT = "getComputedStyle(document.body).getPropertyValue('--accent').trim()"
# Whether the pictures of the wall and of the examples are there, those that the browser has asked for.
HUNG = """() => {
  const pictures = [...document.querySelectorAll("#style-row img, .card img")];
  const asked = pictures.filter((each) => each.complete);
  return asked.length > 0 && asked.every((each) => each.naturalWidth > 0);
}"""
pytestmark = pytest.mark.browser  # a real server


@pytest.fixture(scope="module")
def site():
    with served() as site:
        yield site


@pytest.fixture(scope="module")
def server(tmp_path_factory, site):
    """The address of a page that runs from the files of a Space, and knows that it is below a path."""
    folder = tmp_path_factory.mktemp("space")
    for name, file in space_files().items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file if isinstance(file, bytes) else file.read_bytes())
    arguments = "app.py", "--device", "cpu", "--trusted-proxies", "127.0.0.1"
    log = folder.with_name("space.log")
    # Gradio would let a server of Node answer first. Ours answers itself, whatever the variable says.
    known = {"GRADIO_ROOT_PATH": PREFIX, "GRADIO_SSR_MODE": "true"}
    known |= {"STYLETRANSFER_TITLE": TITLE, "STYLETRANSFER_COLOUR": COLOUR}
    known |= {"STYLETRANSFER_FRAME_ANCESTORS": f"'self' {site.url}"}
    with running(*arguments, log=log, folder=folder, **known) as server:
        yield server.url


@pytest.fixture(scope="module", params=[True, False], ids=["path taken off", "path passed on"])
def proxy(request, server):
    with proxied(server, PREFIX, request.param) as proxy:
        yield proxy


def test_everything_that_the_page_names_is_below_the_path(proxy):
    html = httpx.get(proxy.url).text
    named = set(re.findall(r'(?:src|href)="([^"#\\]+)"', html)) | set(
        re.findall(r"url\(([^)\\]+)\)", html)
    )
    pictures = set(re.findall(r'"([^"]*gradio_api/file=[^"]+\.jpg)"', html))
    assert pictures  # the finished example that the page begins with
    small = {each[1]: each[0] for each in re.findall(r"(thumbnails/(\w+)/[\w/.-]+\.webp\?\w+)", html)}
    assert len(small) > 1  # one of the wall, one of the examples
    addresses = {
        urljoin(proxy.url, each)
        for each in {*named, *pictures, *small.values()}
        if not each.startswith(("data:", '"${'))  # what a script puts together
    }
    assert {each for each in addresses if not each.startswith(proxy.url)} == set()
    answers = {each: httpx.get(each, follow_redirects=True) for each in addresses}
    reached = {str(answer.url) for answer in answers.values()}
    assert {each for each in reached if not each.startswith(proxy.url)} == set()
    assert {
        each: answer.status_code for each, answer in answers.items() if answer.status_code != 200
    } == {}
    jpegs = [answers[urljoin(proxy.url, each)].content for each in pictures]
    assert all(jpeg.startswith(b"\xff\xd8") for jpeg in jpegs)


def test_an_upload_comes_back_as_it_went(proxy):
    picture = PHOTO.read_bytes()
    api = f"{proxy.url}gradio_api/"
    (path,) = httpx.post(f"{api}upload", files={"files": ("mine.jpg", picture)}).json()
    assert httpx.get(f"{api}file={path}").content == picture


def test_a_program_paints_and_watches_although_streams_are_cut_off(proxy, tmp_path):
    client = Client(proxy.url, verbose=False, download_files=tmp_path)
    pictures = handle_file(PHOTO), handle_file(PAINTING)
    *_, file = client.predict(*pictures, size=128, steps=1, scales=1, api_name="/stylize")
    assert (tmp_path / file).stat().st_size > 1000
    job = client.submit(*pictures, size=128, steps=3000, scales=1, api_name="/stylize")
    name = next(iter(job))[1].removeprefix("run ")
    proxy.cut.clear()
    proxy.longest, seen = SHORT, []
    while len(proxy.cut) < 2 or not seen:  # each time it comes back as a browser does
        with httpx.stream("GET", f"{proxy.url}watch/{name}") as stream:
            seen += [line for line in stream.iter_lines() if line.startswith("data: {")]
    proxy.longest = A_MINUTE
    assert {f"{PREFIX}/watch/{name}"} <= set(proxy.cut)
    assert httpx.get(f"{proxy.url}watch/{name}/1.jpeg").content.startswith(b"\xff\xd8")
    assert httpx.get(f"{proxy.url}runs/{name}").json()["state"] == "painting"
    assert httpx.delete(f"{proxy.url}runs/{name}").status_code == 204


def test_no_other_server_answers_in_our_place(server):
    answer = httpx.get(f"{server}/", headers={"accept": "text/html"})
    assert "x-gradio-server" not in answer.headers
    assert "window.gradio_config" in answer.text


def test_the_page_paints_shows_and_shares(browser, server, tmp_path):
    with proxied(server, PREFIX) as proxy, browser.new_context(**WIDE) as context:
        context.set_default_timeout(WAIT)
        page = context.new_page()
        asked, wrong = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("response", lambda answer: wrong.append(answer.url) if answer.status >= 400 else None)
        page.goto(proxy.url)
        page.wait_for_selector("#go")
        paint(page, size=128, steps=3000, scales=1)
        proxy.longest = SHORT
        page.reload()
        page.wait_for_selector(".placard.painting")
        while not any("/watch/" in path for path in proxy.cut):
            page.wait_for_timeout(100)
        proxy.longest = A_MINUTE
        page.wait_for_function(STEP)
        now = page.evaluate(STEP)
        page.wait_for_function(f"now => {STEP} > now + 5", arg=now)
        assert page.inner_text("#title h1") == TITLE
        assert page.title().endswith(f" · {TITLE}")  # behind the progress
        assert page.evaluate(ACCENT) == COLOUR
        page.evaluate("document.body.classList.add('dark')")
        assert contrast(page.evaluate(ACCENT), "#211f1d") > 4.5
        page.click("#stop")
        page.wait_for_selector(".placard.done")
        assert saved(page, "#download", tmp_path).read_bytes().startswith(b"\x89PNG")
        page.click("#share")
        page.wait_for_function("document.querySelector('#link input')?.value.includes('/picture/')")
        link = page.input_value("#link input")
        assert httpx.get(f"{link}.jpg").content.startswith(b"\xff\xd8")
        page.click(".card >> nth=2")
        page.wait_for_selector(".placard.example")
        assert [
            each for each in asked if each.startswith("http") and not each.startswith(proxy.url)
        ] == []
        assert wrong == []
    assert link.startswith(f"{proxy.url}picture/")


def test_another_site_shows_all_of_it_in_a_frame_and_one_that_may_not_shows_nothing(
    browser, server, site
):
    with proxied(server, PREFIX) as proxy, browser.new_context(**WIDE) as context:
        context.set_default_timeout(WAIT)
        site.frame = proxy.url
        page = context.new_page()
        wrong = []
        page.on("response", lambda answer: wrong.append(answer.url) if answer.status >= 400 else None)
        page.goto(site.url)
        frame = page.query_selector("iframe.style-transfer").content_frame()
        frame.wait_for_selector(".placard.example")
        frame.wait_for_selector("#go")
        choose(frame, size=128, steps=3, scales=1)
        frame.click("#paint")
        frame.wait_for_selector(".placard.done[data-job]")
        frame.wait_for_selector("#download")
        frame.wait_for_function(HUNG)
        frame.wait_for_function("document.querySelector('#picture img').naturalWidth > 0")
        assert [each for each in wrong if each.startswith(proxy.url)] == []
        page.goto(site.url.replace("localhost", "127.0.0.1"))
        stranger = page.query_selector("iframe.style-transfer").content_frame()
        stranger.wait_for_load_state()
        assert stranger.query_selector("#go") is None
        assert stranger.url.startswith("chrome-error:")
