"""Whatever a handler raises becomes a sentence that the visitor sees, in the page's language."""

import logging
from types import SimpleNamespace

import gradio as gr
import pytest
from gradio.state_holder import SessionState

from styletransfer.errors import StyleTransferError, in_english
from styletransfer.page import guarded
from styletransfer.page.components import file_of
from styletransfer.page.i18n.translate import languages
from styletransfer.page.page import build
from styletransfer.service.queue import Limits
from styletransfer.service.shares import Shares
from tests.support.coroutines import run

# What the browser tells of an event, of which nothing is there.
EVENT = {
    "index": 10**9,
    "action": "use",
    "box": None,
    "picture": "x",
    "pictures": ["x"],
    "job": "x",
    "how": "ended",
}


class Broken(dict):
    """A part of a store, or a value that was sent, of which every use raises."""

    delete_cache = None
    crops = property(lambda self: self)
    limits = Limits()  # which the page only reads to be built

    def _fail(self, *_, **__):
        raise RuntimeError("the disk is on fire, at /srv/secret")

    __getitem__ = __iter__ = __repr__ = __str__ = __bool__ = __len__ = _fail
    get = items = keys = values = _fail

    def __getattr__(self, name):
        if name.startswith("__"):  # what Python and Gradio look for in any object
            raise AttributeError(name)
        return self._fail


class BrokenStore:
    queue = runs = files = uploads = room = paintings = successors = Broken()
    records = SimpleNamespace(shares=list)  # the page is built with no links kept


async def answered(page, block_fn, value=Broken, event=EVENT):
    """The data that Gradio would send to the browser, by output, when this was sent for each input."""
    sent = [value() for _ in block_fn.inputs]
    request = gr.Request(client=None, headers={}, query_params={})
    event = gr.EventData(None, event)
    iterator, session = None, SessionState(page)
    for _ in range(4):
        answer = await page.process_api(
            block_fn,
            sent,
            session,
            request=request,
            event_data=event,
            iterator=iterator,
            session_hash="tab",
            event_id="event",
        )
        iterator = answer["iterator"]
        if iterator is None:
            break
    assert not answer["is_generating"]
    return dict(zip(block_fn.outputs, answer["data"], strict=True))


def is_left_alone(value) -> bool:
    return isinstance(value, dict) and {"__type__"} == set(value) - {"props"}


async def seen(page, block_fn, value=Broken, event=EVENT) -> str:
    """What the visitor reads after this event, wherever it appears."""
    try:
        data = await answered(page, block_fn, value, event)
    except gr.Error as error:
        # It does not vanish before it has been read.
        return error.message if error.duration is None else "gone before it was read"
    changed = [value for block, value in data.items() if not (block.stateful or is_left_alone(value))]
    assert len(changed) == 1, "something else on the page has changed"
    assert 'role="alert"' in changed[0]
    return changed[0]


@pytest.mark.parametrize("language", languages())
def test_every_event_of_the_page_says_so_when_it_fails(language, caplog):
    texts = languages()[language]
    fields = ("index", "photos")
    malformed = [StyleTransferError("field_malformed", field=field) for field in fields]
    failed = StyleTransferError("page_failed"), *malformed
    sentences = [texts.error(each) for each in failed]

    async def silent():
        page = build(BrokenStore(), Shares(BrokenStore()), texts)
        handlers = [each for each in page.fns.values() if each.fn]
        # Two buttons and the busy strip ask nothing of anybody, and cannot fail.
        failing = [each for each in handlers if each.inputs or each.name[0] == "_"]
        assert len(failing) == len(handlers) - 3
        assert len(failing) > 50
        said = [(each.name, await seen(page, each)) for each in failing]
        return [name for name, words in said if not any(each in words for each in sentences)]

    with caplog.at_level(logging.ERROR):
        assert run(silent()) == []
    assert caplog.text.count("the disk is on fire") > 50


def test_a_visitors_mistake_is_told_and_not_logged(caplog):
    async def told(name, value=None, event=EVENT):
        page = build(BrokenStore(), Shares(BrokenStore()))
        page.has_launched = page.is_running = True  # else Gradio lets any path pass
        called = next(each for each in page.fns.values() if each.name == name)
        return await seen(page, called, lambda: value, event)

    assert "preset must be one of" in run(told("_preset_chosen", "no such"))
    strangers = {"path": "/etc/hostname", "meta": {"_type": "gradio.FileData"}}
    assert run(told("_painting_checked", strangers)) == in_english("picture_not_uploaded")
    assert run(told("_kept", "x")) == in_english("request_wrong")  # no value for the mask's editor
    for index in (None, "0", -1, [0], True):
        wrong = in_english("field_malformed", field="index")
        assert wrong in run(told("_painting_chosen", event={"index": index}))
    for event in (None, 5, "x", [1]):
        assert wrong in run(told("_painting_chosen", event=event))
    assert in_english("field_malformed", field="picture") in run(told("_recalled", event={}))
    assert file_of({"path": "a" * 5000}) is None
    too_long = {"path": "a" * 5000, "meta": {"_type": "gradio.FileData"}}
    assert run(told("_painting_checked", too_long)) == in_english("picture_not_uploaded")
    assert not caplog.records


def test_a_failure_that_comes_again_is_one_line_in_the_log(caplog, monkeypatch):
    monkeypatch.setattr(guarded, "_logged", {})

    async def failing():
        page = build(BrokenStore(), Shares(BrokenStore()))
        called = next(each for each in page.fns.values() if each.name == "_deleted")
        for _ in range(3):
            await seen(page, called)

    run(failing())
    assert [bool(record.exc_info) for record in caplog.records] == [True, False, False]
    assert "the disk is on fire" in caplog.records[-1].getMessage()


def test_who_presses_paint_reads_it_in_the_placard():
    async def told():
        page = build(BrokenStore(), Shares(BrokenStore()))
        starting = [each for each in page.fns.values() if each.name == "started"]
        assert len(starting) == 2  # Paint, and Try nine looks
        status = page._ui.status
        return [(await answered(page, each, lambda: None))[status] for each in starting]

    sentence = languages()["en"].error(StyleTransferError("page_failed"))
    assert all("placard failed" in each and sentence in each for each in run(told()))


def test_after_an_event_a_session_holds_nothing_of_its_own():
    async def held():
        page = build(BrokenStore(), Shares(BrokenStore()))
        # The button Delete now, which asks whether it is meant.
        (asking,) = (each for each in page.fns.values() if not each.inputs and len(each.outputs) == 2)
        session = SessionState(page)
        answer = await page.process_api(asking, [], session)
        assert answer["data"][0]["visible"] is True
        own = [id for id, block in session.blocks_config.blocks.items() if block is not page.blocks[id]]
        return session.state_data, session.config_values, own

    assert run(held()) == ({}, {}, [])


def test_a_page_of_an_earlier_server_is_told_to_be_loaded_again_unless_its_events_are_the_same():
    async def told():
        pages = [build(BrokenStore(), Shares(BrokenStore()), each) for each in languages().values()]
        assert len({page.app_id for page in pages}) == 1
        (asking,) = (
            each for each in pages[0].fns.values() if not each.inputs and len(each.outputs) == 2
        )

        async def asked(page: int):
            request = gr.Request(client=None, headers={"x-page": str(page)}, query_params={})
            return await pages[0].process_api(asking, [], SessionState(pages[0]), request=request)

        answer = await asked(pages[0].app_id)
        assert answer["data"][0]["visible"] is True
        with pytest.raises(gr.Error) as refused:
            await asked(pages[0].app_id + 1)
        return refused.value.message

    assert run(told()) == languages()["en"].PAGE_OLD
