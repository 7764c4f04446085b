"""What the visitors of the soak note of answers, and whether they speak the language of the page."""

import asyncio
import contextlib
import io
import json
import random

import pytest

from benchmarks.soak.ledger import Known, Ledger
from benchmarks.soak.line import Line, Lost, Refused
from benchmarks.soak.photos import Album
from benchmarks.soak.viewer import Viewer
from benchmarks.soak.visitor import Visitor
from tests.support.coroutines import run

DONE = {"state": "done", "picture": "runs/one/picture.png", "error": None}


def png(photo) -> bytes:
    file = io.BytesIO()
    photo.image.save(file, "PNG")
    return file.getvalue()


def to_server(answers: dict, talk):
    """What `talk(url)` returns, with a server that has these answers: path -> status and body.

    A body of None is a line that is cut.
    """

    async def serve(reader, writer):
        with contextlib.closing(writer), contextlib.suppress(ConnectionError):
            asked = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
            status, body = answers.get(asked, (404, b'{"detail": "Not Found"}'))
            head = f"HTTP/1.1 {status} Status\r\nConnection: close\r\nContent-Length: "
            writer.write(f"{head}{9 if body is None else len(body)}\r\n\r\n".encode() + (body or b""))
            await writer.drain()

    async def all_of_it():
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            result = await asyncio.wait_for(talk(url), 60)
            await asyncio.sleep(0.1)  # the server's ends are closed now
            return result

    return run(all_of_it())


def noted(state: dict | None, whose: int = 0, status: int = 200) -> tuple[Ledger, Known]:
    """The ledger after a program has asked for run "one", which is in this state.

    Args:
        state: what is answered.
        whose: visitor of whose photo there is a picture.
        status: of the answer.
    """
    ledger, chance = Ledger(Album(2)), random.Random(1)
    photos = [ledger.album.photo(n, chance) for n in range(2)]
    known = Known("one", photos[0])
    answers = {
        "/runs/one": (status, json.dumps(state).encode()),
        "/runs/one/picture.png": (200, png(photos[whose])),
    }
    to_server(answers, lambda url: Viewer(url, "127.0.1.1", ledger, chance).see_by_name(known))
    return ledger, known


def test_a_finished_run_is_counted_with_its_own_picture():
    ledger, known = noted(DONE)
    assert known.finished
    assert ledger.runs == {"finished": 1}
    assert not any(ledger.harms.values())


def test_a_run_with_the_picture_of_another_visitor():
    ledger, _ = noted(DONE, whose=1)
    assert "visitor 0 got a picture of visitor 1 as one" in ledger.harms["wrong"][0]


def test_a_run_that_is_gone_is_lost():
    ledger, known = noted({"error": {"message": "This run is no longer kept."}}, status=404)
    assert ledger.harms["lost"] == ["one was begun, and is not known any more"]
    assert known.deleted


@pytest.mark.parametrize(
    ("message", "harm"),
    [("Something went wrong on the server.", "needless"), ("[Errno 28] No space left", "rude")],
)
def test_a_run_that_failed(message, harm):
    state = {"state": "failed", "picture": None, "error": {"code": "some", "message": message}}
    ledger, _ = noted(state)
    assert [kind for kind, sentences in ledger.harms.items() if sentences] == [harm]


def test_an_answer_that_is_cut_is_a_lost_line():
    async def ask(url):
        line = Line(url, "127.0.1.1")
        try:
            await line.ask("GET", "/")
        finally:
            await line.close()

    with pytest.raises(Lost):
        to_server({"/": (200, None)}, ask)


def test_events_are_read_with_their_names():
    body = b'retry: 2000\n\n: \n\ndata: {"picture": 3}\n\nevent: over\ndata: ended\n\n'

    async def read(url):
        line = Line(url, "127.0.1.1")
        try:
            async with line.events("/watch/one") as told:
                return [event async for event in told]
        finally:
            await line.close()

    assert to_server({"/watch/one": (200, body)}, read) == [
        ("message", '{"picture": 3}'),
        ("over", "ended"),
    ]
    with pytest.raises(Refused) as error:
        to_server({"/watch/one": (503, b"Too many are watching.")}, read)
    assert (error.value.said, error.value.status) == ("Too many are watching.", 503)


def test_a_visitor_speaks_the_language_of_the_page(server):
    """Paints, watches, shares, goes on and deletes, so that the soak is changed with the page."""
    ledger = Ledger(Album(1))

    async def visit():
        visitor = Visitor(0, server, ledger, "1", lambda: 0.0)
        await visitor.warm_up()
        async with visitor._viewer.tab() as tab:
            for act in (visitor._share, visitor._go_on, visitor._copy_look, visitor._call):
                await act(tab)
            for _ in range(2):
                await visitor._hand_in_rubbish(tab)
                await visitor._set_nonsense(tab)
            await visitor.check()
            await visitor._delete(tab)

    run(visit())
    assert {kind: said for kind, said in ledger.harms.items() if said} == {}
    assert ledger.runs["finished"] + ledger.runs["stopped"] == 3
    assert ledger.runs["deleted"] == 2
    assert {each.deleted for each in ledger.known} == {True}
    assert ledger.inputs["links to a picture"] == ledger.inputs["links to a look"] == 1
