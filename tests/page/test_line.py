"""The line to Gradio, in a real browser: whatever breaks off, the buttons go on working."""

from itertools import cycle

import httpx
import pytest

from styletransfer.page.assets import script
from styletransfer.page.i18n import english as texts
from tests.support.browser import choose, shows, visit

STREAMS = "**/gradio_api/queue/data*"


def choose_preset(page, name):
    page.click(f"#presets label:has-text('{name}')")


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"status": 502, "body": "Bad gateway", "content_type": "text/html"},
        {"status": 200, "body": "", "content_type": "text/event-stream"},
    ],
    ids=["cut", "answered by a proxy", "ended too early"],
)
def test_a_stream_that_breaks_off_is_told_of_and_the_next_press_is_answered(context, broken):
    page = visit(context)
    choose_preset(page, "Quick")
    shows(page, size=320)
    page.evaluate("window.isStillThis = true")
    cut = []

    def cuts(route):
        cut.append(route)
        route.fulfill(**broken) if broken else route.abort()

    page.route(STREAMS, cuts)
    presets = cycle(["Standard", "Quick"])
    while not cut:  # a stream that was open before may still answer
        choose_preset(page, next(presets))
        page.wait_for_timeout(200)
    page.unroute(STREAMS)
    page.locator("#line", has_text=texts.LINE_BACK).wait_for()
    choose_preset(page, "Best")
    shows(page, size=1024)
    assert page.evaluate("window.isStillThis")


def test_a_picture_is_shown_although_the_answer_to_paint_was_lost(context):
    """The stream breaks off between the placard that it is prepared and the one that it has begun."""
    lost = []

    def breaks_off(route):
        told = ""
        with httpx.stream("GET", route.request.url, timeout=120) as stream:
            for part in stream.iter_text():
                told += part
                if "data-job" in told and not lost:
                    told, *_ = told.partition("data-job")
                    lost.append(told)
                    break
        heard = told[: told.rindex("\n\n") + 2]
        route.fulfill(body=heard, content_type="text/event-stream")

    page = visit(context)
    page.route(STREAMS, breaks_off)
    choose(page, size=128, steps=2, scales=1)
    page.click("#paint")
    page.wait_for_selector(".placard.done[data-job]")
    page.wait_for_selector("#download")
    assert "data-ticket" in lost[0]


def test_a_page_that_the_server_no_longer_has_is_told_to_be_loaded_again(context):
    page = visit(context)
    page.evaluate("window.gradio_config.app_id += 1")
    choose_preset(page, "Quick")
    page.get_by_text(texts.PAGE_OLD).first.wait_for()


def heard_in(browser, play):
    """What Gradio hears in this play, in which the page's own scripts stand for `LINE`."""
    page = browser.new_page()
    page.route("**/*", lambda route: route.fulfill(body="<p>", content_type="text/html"))
    page.goto("http://line.test/")
    line = script("newest", "line", LINE_LOST=texts.LINE_LOST, LINE_BACK=texts.LINE_BACK)
    page.evaluate(play.replace("LINE })", f"{line} }})"))
    heard = page.evaluate("window.heard")
    page.close()
    return heard


# A server that takes leave of one stream while the page is just sending it another event, and Gradio,
# which returns what it is told.
FAREWELL = """
const api = `${location.origin}/gradio_api`;
const written = new TextEncoder();
const streams = []; // the server's
let answer; // to the second event
window.fetch = async (request) => {
  const url = String(request.url ?? request);
  if (url.includes("/queue/join"))
    return streams.length
      ? new Promise((answers) => (answer = answers))
      : Response.json({ event_id: "first" });
  const { readable, writable } = new TransformStream();
  const writer = writable.getWriter();
  streams.push((told) => writer.write(written.encode(`data: ${JSON.stringify(told)}\\n\\n`)));
  if (streams.length === 2) streams[1]({ msg: "process_completed", event_id: "second" });
  return new Response(readable);
};
(() => { LINE })();
window.heard = (async () => {
  const join = () => fetch(`${api}/queue/join`, { method: "POST", body: '{"session_hash":"hash"}' });
  await join();
  const stream = await fetch(`${api}/queue/data?session_hash=hash`);
  const reader = stream.body.pipeThrough(new TextDecoderStream()).getReader();
  streams[0]({ msg: "process_completed", event_id: "first" });
  const first = await reader.read();
  const joined = join();
  streams[0]({ msg: "close_stream" });
  const next = reader.read();
  await Promise.race([next, new Promise((done) => setTimeout(done, 200))]);
  answer(Response.json({ event_id: "second" }));
  await joined;
  return [first.value, (await next).value];
})();
"""


def test_what_is_pressed_while_the_server_takes_leave_is_answered(browser):
    told = "".join(heard_in(browser, FAREWELL))
    assert [each in told for each in ("first", "second", "close_stream")] == [True, True, False]


# A server that takes note of events and answers them when it is told to. Gradio sends three of a kind of
# which only the newest counts, and one of another kind.
OUTDATED = """
window.gradio_config = {
  dependencies: [{ id: 7, trigger_mode: "always_last" }, { id: 8, trigger_mode: "once" }],
};
const api = `${location.origin}/gradio_api`;
const written = new TextEncoder();
const arrived = [];
let say;
window.fetch = async (request, options) => {
  if (!String(request.url ?? request).includes("/queue/join")) {
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    say = (told) => writer.write(written.encode(`data: ${JSON.stringify(told)}\\n\\n`));
    return new Response(readable);
  }
  const { said } = JSON.parse(options.body);
  arrived.push(said);
  return Response.json({ event_id: said });
};
(() => { LINE })();
const pause = () => new Promise((done) => setTimeout(done, 50));
window.heard = (async () => {
  const join = (kind, said) =>
    fetch(`${api}/queue/join`, {
      method: "POST",
      body: JSON.stringify({ fn_index: kind, said, session_hash: "hash" }),
    }).then((answer) => answer.json());
  await join(7, "first");
  const stream = await fetch(`${api}/queue/data?session_hash=hash`);
  const reader = stream.body.pipeThrough(new TextDecoderStream()).getReader();
  const second = join(7, "second");
  const third = join(7, "third");
  await join(8, "other");
  await pause();
  const before = [...arrived];
  const { event_id: outdated } = await second;
  const unchanged = JSON.parse((await reader.read()).value.replace("data: ", ""));
  say({ msg: "process_completed", event_id: "first" });
  await third;
  const modes = window.gradio_config.dependencies.map((event) => event.trigger_mode);
  return { before, after: arrived, unchanged, outdated, modes };
})();
"""


def test_of_events_of_which_the_newest_counts_one_is_sent_at_a_time_and_the_newest_last(browser):
    heard = heard_in(browser, OUTDATED)
    assert heard["before"] == ["first", "other"]
    assert heard["after"] == ["first", "other", "third"]
    assert heard["unchanged"]["event_id"] == heard["outdated"]
    assert heard["unchanged"]["success"]
    assert heard["unchanged"]["output"] == {"data": []}
    assert heard["modes"] == ["multiple", "once"]


def test_the_page_leaves_no_event_of_which_the_newest_counts_to_gradio(context):
    page = visit(context)
    modes = page.evaluate("window.gradio_config.dependencies.map((event) => event.trigger_mode)")
    assert "multiple" in modes
    assert "always_last" not in modes
