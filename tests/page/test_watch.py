"""What a page that watches a job is sent, asked without a browser."""

import asyncio
import json
from io import BytesIO

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette

from styletransfer.page.i18n.translate import ENGLISH, languages
from styletransfer.page.watch import Watch
from styletransfer.pictures import Pictures
from styletransfer.service.contact_sheet import by_strength
from styletransfer.service.previews import Previews
from styletransfer.service.queue import Queue
from styletransfer.service.store import Store
from styletransfer.service.watching import Audience
from styletransfer.settings import Settings
from tests.support.coroutines import run
from tests.support.runner import PATIENCE, Runner, no_draft

PICTURE = Image.new("RGB", (96, 64), "orange")
PICTURES = Pictures(PICTURE, [PICTURE])


def in_a_loop(coroutine):
    """The result of a coroutine that must come in time."""

    async def limited():
        return await asyncio.wait_for(coroutine, PATIENCE)

    return run(limited())


class House:
    """A store whose runner waits for the test, and the routes of its page."""

    def __init__(self, **audience):
        self.runner = Runner()
        self.store = Store(Queue(self.runner, no_draft))
        self.audience = Audience(**audience)
        self.previews = Previews(self.store.files)
        self.watch = self.spoken(ENGLISH)

    def spoken(self, texts):
        return Watch(self.store.runs, self.audience, self.previews, texts)

    def run(self, **settings):
        settings = {"size": 128, "steps": 3, "scales": 1, "show_every": 1} | settings
        job = self.store.runs.start(PICTURES, Settings(**settings))
        assert self.runner.event()[0] == "began"
        return job

    def paint(self, steps=1):
        for _ in range(steps):
            self.runner.release()
            assert self.runner.event()[0] == "step"


@pytest.fixture
def house(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    houses = []

    def built(**audience):
        houses.append(House(**audience))
        return houses[-1]

    yield built
    for each in houses:
        for job in each.store.queue.jobs():
            job.stop()
        each.runner.release(50)
        for job in each.store.queue.jobs():
            assert job.wait(PATIENCE)


def said(event: str) -> dict:
    """What an event tells; for one that is no news its kind and its data."""
    lines = dict(line.split(": ", 1) for line in event.strip().splitlines())
    return {lines["event"]: lines["data"]} if "event" in lines else json.loads(lines["data"])


async def next_news(events) -> dict:
    """The next news, without signs of life before it."""
    async for event in events:
        if "data" in event and "event: alive" not in event:
            return said(event)
    raise AssertionError("the stream has ended")


def test_a_page_is_told_at_once_and_then_of_each_step_that_is_shown(house):
    house = house()
    job = house.run()

    async def watched():
        events = house.watch.events(job)
        assert await anext(events) == "retry: 2000\n\n"
        first = await next_news(events)
        await asyncio.to_thread(house.paint)
        second = await next_news(events)
        await asyncio.to_thread(house.paint, 2)
        rest = [said(each) async for each in events]
        return first, second, rest[-1]

    first, second, last = in_a_loop(watched())
    assert f'data-job="{job.id}"' in first["status"]
    assert ENGLISH.PREPARING in first["status"]
    assert "step 1 of 3" in second["status"]
    assert first["picture"] != second["picture"]
    assert last == {"over": "ended"}


def test_what_is_told_is_made_once_for_all_and_once_for_each_language(house):
    house = house()
    job = house.run()
    house.paint()
    german = house.spoken(languages()["de"])

    async def watched():
        streams = [watch.events(job) for watch in (house.watch, house.watch, german)]
        for each in streams:
            await anext(each)
        told = [await anext(each) for each in streams]
        for each in streams:
            await each.aclose()
        return told

    one, other, german = in_a_loop(watched())
    assert one is other
    assert said(german)["status"] != said(one)["status"]
    assert said(german)["picture"] == said(one)["picture"]


def test_the_nine_looks_are_told_as_a_grid_and_also_their_drafts(house):
    house = house()
    settings = Settings(size=128, steps=2)
    sheet = house.store.runs.start_contact_sheet(PICTURES, settings, by_strength(PICTURES, settings))

    async def watched():
        events = house.watch.events(sheet)
        await anext(events)
        first = await next_news(events)
        sheet.cells[3].image = PICTURE
        return first, await next_news(events)

    first, second = in_a_loop(watched())
    assert first["sheet"].count("<button") == 9
    assert "<img" not in first["sheet"]
    assert second["sheet"].count("<img") == 1
    assert "picture" not in first


def test_a_job_that_is_deleted_or_unknown_is_told_so(house):
    house = house()
    job = house.run()

    async def watched():
        events = house.watch.events(job)
        await anext(events)
        await next_news(events)
        await asyncio.to_thread(house.store.runs.delete, [job.id])
        house.runner.release(9)
        return [said(each) async for each in events], [each async for each in house.watch.events(None)]

    events, of_none = in_a_loop(watched())
    assert events[-1] == {"over": "deleted"}
    assert said(of_none[-1]) == {"over": "gone"}


def test_a_job_counts_as_watched_as_long_as_its_stream_is_read(house):
    house = house()
    job = house.run()

    async def watched():
        before = job.unwatched()
        events = house.watch.events(job)
        await anext(events)
        await anext(events)
        during = (job.unwatched(), house.audience.size)
        await events.aclose()
        return before, during, (job.unwatched(), house.audience.size)

    before, during, after = in_a_loop(watched())
    assert before > 0
    assert during == (0, 1)
    assert after[0] > 0
    assert after[1] == 0


def test_a_page_has_to_ask_again_so_that_one_that_vanished_does_not_count_for_ever(house):
    house = house(lease=0)
    job = house.run()

    async def watched():
        return [each async for each in house.watch.events(job)]

    _, news, last = in_a_loop(watched())
    assert f'data-job="{job.id}"' in said(news)["status"]
    assert said(last) == {"renew": "renew"}
    assert job.unwatched() > 0


def test_who_does_not_take_what_is_sent_does_not_watch(house):
    house = house(lease=0.2)
    job = house.run()
    app = Starlette(routes=house.watch.routes)
    path = f"/watch/{job.id}"
    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}

    async def watched():
        sent = []

        async def send(message):
            sent.append(message)
            if len(sent) > 2:  # the beginning of the answer, and the time to retry
                await asyncio.Event().wait()

        async def receive():
            await asyncio.Event().wait()

        answering = asyncio.create_task(app(scope, receive, send))
        while len(sent) < 3:
            await asyncio.sleep(0.01)
        during = house.audience.size, job.unwatched()
        while house.audience.size:
            await asyncio.sleep(0.01)
        ended = answering.done()
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)
        return during, ended, job.unwatched()

    during, ended, after = in_a_loop(watched())
    assert during == (1, 0)
    assert not ended  # an answer that is cut short would fill the log
    assert after > 0


def test_too_many_pages_of_one_job_push_out_the_oldest(house):
    house = house()
    job = house.run()

    async def watched():
        streams = [house.watch.events(job) for _ in range(21)]
        for each in streams:
            await anext(each)
            await anext(each)
        await asyncio.to_thread(house.paint)
        first = [each async for each in streams[0]]
        others = [await next_news(each) for each in streams[1:]]
        for each in streams:
            await each.aclose()
        return first, others

    first, others = in_a_loop(watched())
    assert first == []
    assert all("step 1 of 3" in each["status"] for each in others)


def test_the_more_watch_a_job_the_less_often_each_is_told(house):
    house = house()
    job = house.run()

    async def watched():
        streams, pauses = [house.watch.events(job) for _ in range(20)], []
        for each in streams:
            await anext(each)
            await anext(each)
            pauses.append(house.audience.pause(job))
        for each in streams:
            await each.aclose()
        return pauses

    pauses = in_a_loop(watched())
    assert pauses[0] == pytest.approx(1 / 3)
    assert pauses[-1] == pytest.approx(2 / 3)


def asked(house, path: str) -> httpx.Response:
    async def answer():
        transport = httpx.ASGITransport(Starlette(routes=house.watch.routes))
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.get(path)

    return in_a_loop(answer())


def test_a_house_that_is_full_says_so(house):
    house = house(most=0)
    job = house.run()
    assert asked(house, f"/watch/{job.id}").status_code == 503


def test_the_newest_picture_is_a_jpeg_that_no_shared_cache_keeps(house):
    house = house()
    job = house.run(size=1024)
    answer = asked(house, f"/watch/{job.id}/1.jpeg")
    with Image.open(BytesIO(answer.content)) as image:
        assert (image.format, max(image.size)) == ("JPEG", 768)
    assert "private" in answer.headers["cache-control"]
    assert asked(house, "/watch/unknown/1.jpeg").status_code == 404
    assert asked(house, "/watch/unknown").text.endswith("event: over\ndata: gone\n\n")


def test_a_picture_is_encoded_once_and_only_the_newest_is_kept(house):
    house = house()
    job = house.run()

    async def fetched():
        before = await house.previews.encoded(job)
        same = await house.previews.encoded(job)
        number = house.previews.number(job)
        await asyncio.to_thread(house.paint)
        return before is same, number, house.previews.number(job), await house.previews.encoded(job)

    same, before, after, jpeg = in_a_loop(fetched())
    assert same
    assert after > before
    assert [each.encoded for each in house.previews._newest.values()] == [jpeg]


def test_of_a_run_that_has_been_watched_to_its_end_nothing_stays_in_memory(house):
    house = house()
    job = house.run(steps=1)

    async def watched():
        events = house.watch.events(job)
        await anext(events)
        await next_news(events)
        await house.previews.encoded(job)
        kept = len(house.previews._newest), len(house.watch._newest), len(house.audience._seats)
        house.runner.release()
        return kept, [each async for each in events]

    kept, _ = in_a_loop(watched())
    assert kept == (1, 1, 1)
    assert house.store.queue.find(job.id) is job
    assert len(house.previews._newest) == len(house.watch._newest) == house.audience.size == 0
