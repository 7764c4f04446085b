"""The parts of the soak that need no server: its proxy, its photos, its ledger and its table."""

import asyncio
import contextlib
import io
import os
import random
import subprocess
import sys
from collections import Counter

import pytest
from PIL import Image, ImageFilter

from benchmarks.soak.disk import _Limited
from benchmarks.soak.handed_in import _BAD, bad, good
from benchmarks.soak.ledger import HARMS, Known, Ledger
from benchmarks.soak.line import Line, Lost, Refused, is_sentence, words
from benchmarks.soak.measures import summary, usage
from benchmarks.soak.photos import Album
from benchmarks.soak.proxy import CALM, Proxy, Weather
from benchmarks.soak.table import table
from benchmarks.soak.visitor import _small_painting
from styletransfer.engine.draft import draft
from styletransfer.errors import ImageError
from styletransfer.images import load_image
from tests.support.coroutines import run


def through(weather: Weather, talk):
    """What `await talk(proxy)` returns, the faults, and the addresses that the server has seen.

    The proxy has a line of this weather to a server that answers every byte a thousandfold.
    """

    async def answer(reader, writer):
        seen.append(writer.get_extra_info("peername")[0])
        with contextlib.suppress(ConnectionError), contextlib.closing(writer):
            while data := await reader.read(100):
                writer.write(data * 1000)
                await writer.drain()

    async def all_of_it():
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            proxy = Proxy(server.sockets[0].getsockname()[1], weather, "1")
            await proxy.start()
            try:
                return await asyncio.wait_for(talk(proxy), 20), proxy.befell
            finally:
                await proxy.close()
                await asyncio.sleep(0.1)  # the server's ends are closed now

    seen: list[str] = []
    result, befell = run(all_of_it())
    return result, +befell, seen


@contextlib.asynccontextmanager
async def connected(proxy: Proxy, address: str = "127.0.0.1"):
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port, local_addr=(address, 0))
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def asked(proxy: Proxy, times: int = 1, address: str = "127.0.0.1") -> int:
    """How many bytes came in answer to single bytes, one after the other, until the line was cut."""
    came = 0
    async with connected(proxy, address) as (reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            for _ in range(times):
                writer.write(b"x")
                came += len(await reader.readexactly(1000))
    return came


def test_a_calm_line_passes_everything_on_from_the_visitors_address():
    came, befell, seen = through(CALM, lambda proxy: asked(proxy, 50, "127.0.1.7"))
    assert came == 50_000
    assert befell == Counter()
    assert seen == ["127.0.1.7"]


def test_what_the_server_sent_last_arrives_before_the_line_is_closed():
    async def answer(_, writer):
        with contextlib.closing(writer):
            writer.write(b"y" * 3_000_000)

    async def all_of_it():
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            proxy = Proxy(server.sockets[0].getsockname()[1])
            await proxy.start()
            async with connected(proxy) as (reader, _):
                came = await asyncio.wait_for(reader.read(), 20)
            await proxy.close()
            return len(came)

    assert run(all_of_it()) == 3_000_000


def test_a_line_that_drops_says_nothing():
    came, befell, seen = through(Weather(drop=1, cut=0, stall=0, delay=0), asked)
    assert (came, befell, seen) == (0, Counter(dropped=1), [])


def test_a_line_is_cut_in_the_middle_of_the_answers():
    came, befell, _ = through(
        Weather(drop=0, cut=1, stall=0, delay=0, cut_after=50_000), lambda proxy: asked(proxy, 100)
    )
    assert came < 50_000
    assert befell == Counter(cut=1)


def test_a_line_that_stalls_stays_open_without_a_word():
    async def talk(proxy):
        async with connected(proxy) as (reader, writer):
            writer.write(b"x" * 100)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.readexactly(100_000), 1)

    _, befell, _ = through(Weather(drop=0, cut=0, stall=1, delay=0, cut_after=20_000), talk)
    assert befell == Counter(stalled=1)


def test_all_lines_are_cut_at_once():
    async def talk(proxy):
        async with connected(proxy) as one, connected(proxy) as another:
            for reader, writer in (one, another):
                writer.write(b"x")
                await reader.readexactly(1000)
            proxy.cut_all()
            ends = [reader.read() for reader, _ in (one, another)]
            return await asyncio.gather(*ends, return_exceptions=True)

    ends, befell, _ = through(CALM, talk)
    assert all(end == b"" or isinstance(end, ConnectionError) for end in ends)
    assert befell == {"cut, all at once": 2}


def test_the_same_seed_brings_the_same_faults():
    def fates(seed: str) -> list:
        proxy = Proxy(1, Weather(), seed)
        return [proxy._fate() for _ in range(200)]

    assert fates("1") == fates("1")
    assert fates("1") != fates("2")
    assert {each.kind for each in fates("1")} == {"", "dropped", "cut", "stalled"}


def test_each_photo_is_recognised_and_no_other():
    album, chance = Album(8), random.Random(1)
    photos = [album.photo(n % 8, chance) for n in range(60)]
    for photo in photos:
        assert album.whose(photo.image) is photo
    blurred = photos[3].image.filter(ImageFilter.GaussianBlur(6)).convert("L").convert("RGB")
    assert album.whose(blurred.resize((128, 128))) is photos[3]
    assert album.whose(Image.new("RGB", (128, 128), "teal")) is None
    stranger = Album(1).photo(0, random.Random(2))
    assert album.whose(stranger.image) is None


def test_the_quick_draft_of_a_photo_is_recognised():
    album, chance = Album(8), random.Random(5)
    painting = Image.open(io.BytesIO(_small_painting()))
    for number in range(24):
        photo = album.photo(number % 8, chance)
        assert album.whose(draft(photo.image.resize((128, 128)), [painting])) is photo


def test_the_photo_can_be_opened_in_every_format():
    album, chance = Album(1), random.Random(1)
    photo = album.photo(0, chance)
    kinds = set()
    for _ in range(40):
        name, data = good(photo, chance)
        kinds.add(name)
        assert album.whose(load_image(data)) is photo
    assert len(kinds) == 6


@pytest.mark.parametrize("kind", sorted(set(_BAD) - {"a strip of 2000 x 3 pixels"}))
def test_what_is_no_picture_is_refused_with_a_sentence(kind):
    photo = Album(1).photo(0, random.Random(1))
    with pytest.raises(ImageError) as error:
        load_image(_BAD[kind][1](photo), "photo")
    assert is_sentence(str(error.value))


def test_every_kind_of_rubbish_is_handed_in():
    chance = random.Random(1)
    photo = Album(1).photo(0, chance)
    assert {bad(photo, chance)[0] for _ in range(200)} == set(_BAD)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("The photo is empty (0 bytes); choose a JPEG", True),
        ("Dieses Bild wird nicht mehr aufbewahrt.", True),
        ("Internal Server Error", False),
        ("", False),
        ("None", False),
        ("[Errno 28] No space left on device: the picture is lost", False),
        ("The file /var/styletransfer/x.png does not exist any more", False),
        ('Traceback (most recent call last): File "queue.py", line 3', False),
    ],
)
def test_what_is_a_sentence(said, kind):
    assert is_sentence(said) is kind


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ('{"detail": "Too many are watching."}', "Too many are watching."),
        ('{"error": {"code": "run_gone", "message": "This run is gone."}}', "This run is gone."),
        ('{"error": null}', '{"error": null}'),
        (
            "<html><title>Gone</title><p>It is no longer <b>kept</b>.</p></html>",
            "It is no longer kept .",
        ),
        ("Internal Server Error", "Internal Server Error"),
    ],
)
def test_what_an_answer_says(answer, said):
    assert words(answer) == said


def ledger_with_a_picture() -> tuple[Ledger, Known, Known]:
    ledger, chance = Ledger(Album(2)), random.Random(1)
    mine, theirs = (Known(f"id-{n}", ledger.album.photo(n, chance)) for n in range(2))
    ledger.known += [mine, theirs]
    return ledger, mine, theirs


def test_a_picture_of_somebody_else_is_noted():
    ledger, mine, theirs = ledger_with_a_picture()
    ledger.seen(mine, mine.photo.image, finished=True)
    assert not any(ledger.harms.values())
    ledger.seen(mine, theirs.photo.image, finished=False)
    ledger.seen(mine, Image.new("RGB", (9, 9)), finished=True)
    ledger.seen(mine, None, finished=True)
    assert "visitor 0 got a picture of visitor 1 as id-0" in ledger.harms["wrong"][0]
    assert "visitor 0 got a picture of nobody as id-0" in ledger.harms["wrong"][1]
    assert ledger.harms["lost"] == ["id-0 is finished, and has no picture"]


@pytest.mark.parametrize("how", ["further", "stopped"])
def test_of_more_or_fewer_steps_the_nearest_photo_is_the_right_one(how):
    ledger, mine, theirs = ledger_with_a_picture()
    faint = Image.blend(Image.new("L", (8, 8)), mine.photo.image.convert("L").resize((8, 8)), 0.5)
    faint.paste(63, (0, 0, 8, 5))
    assert ledger.album.whose(faint) is None
    for known in (mine, theirs):
        setattr(known, how, True)
        ledger.seen(known, faint, finished=True)
    assert len(ledger.harms["wrong"]) == 1
    assert "visitor 1 got a picture of visitor 0" in ledger.harms["wrong"][0]


def test_an_early_preview_need_not_be_recognised():
    ledger, mine, _ = ledger_with_a_picture()
    ledger.seen(mine, Image.new("RGB", (9, 9)), finished=False)
    ledger.seen(mine, None, finished=False)
    assert not any(ledger.harms.values())


def test_refusals_are_told_apart():
    ledger, _, _ = ledger_with_a_picture()
    ledger.refused("rubbish", Refused("The photo is empty; choose another one"), reason=True)
    ledger.refused("a photo", Refused("The server is busy with others", 503), reason=False)
    assert not any(ledger.harms.values())
    ledger.refused("a photo", Refused("Something went wrong on the server"), reason=False)
    ledger.refused("a photo", Refused("Internal Server Error", 500), reason=False)
    assert [len(ledger.harms[kind]) for kind in ("needless", "rude")] == [1, 1]
    ledger.trouble = "a full disk"
    ledger.refused("a photo", Refused("Something went wrong on the server"), reason=False)
    assert len(ledger.harms["needless"]) == 1
    assert ledger.runs["told kindly"] == 4


def test_nobody_answers():
    async def ask():
        line = Line("http://127.0.0.1:9", "127.0.1.1")
        try:
            await line.ask("GET", "/")
        finally:
            await line.close()

    with pytest.raises(Lost):
        run(ask())


def test_a_limited_disk_lets_nothing_be_written_until_it_is_free(tmp_path):
    tries = """
import sys
for line in sys.stdin:
    try:
        with open(line.strip(), "w") as file:
            file.write("x")
        print("yes", flush=True)
    except OSError:
        print("no", flush=True)
"""
    with subprocess.Popen(
        [sys.executable, "-c", tries],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        disk = _Limited(tmp_path)

        def writes() -> bool:
            process.stdin.write(f"{tmp_path / 'file'}\n")
            return process.stdout.readline() == "yes\n"

        assert writes()
        disk.fill(process.pid)
        assert not writes()
        disk.free(process.pid)
        assert writes()
        process.stdin.close()


def test_what_a_process_holds():
    found = usage(os.getpid())
    assert found.memory > 10e6
    assert found.files > 2
    assert found.threads >= 1
    assert usage(2**30) is None


def test_the_95th_percentile():
    found = summary([n / 100 for n in range(100)])
    assert found == {"median": 0.495, "95 %": 0.95, "longest": 0.99, "answers": 100}
    assert summary([]) == {}


def test_the_table_shows_every_figure_and_every_harm():
    report = {
        "machine": {"processor": "abacus"},
        "seed": "7",
        "minutes": 1.5,
        "visitors": 8,
        "known": 31,
        "runs": {"finished": 20, "asked for": 33},
        "inputs": {"an empty file": 2},
        "faults": {"kill -9 and restart": 1},
        "left_out": ["disk"],
        "harms": {name: [] for name in HARMS.values()} | {"results lost": ["id-1 is gone"] * 14},
        "said_kindly": {"The photo is empty": 2},
        "answering": {"page": summary([0.1, 0.2, 0.3]), "event": {}},
        "starts": [5.21],
        "ends": [{"ended_by": "SIGKILL", "status": -9, "seconds": 0.1}],
        "usage": {"before": {"memory": 9e8, "files": 30, "threads": 9}, "after": None},
    }
    lines = table(report).splitlines()
    rows = [" ".join(line.split()) for line in lines]
    assert rows[0] == "8 visitors for 1.5 minutes, seed 7"
    for row in (
        "processor abacus",
        "ids that visitors learnt 31",
        "an empty file 2",
        "kill -9 and restart 1",
        "left out disk",
        "results lost 14",
        "pictures to the wrong visitor 0",
        "GET / median 0.20, 95 % 0.30, longest 0.30 (3 answers)",
        "a cheap event not measured",
        "before 900 MB, 30 open files, 9 threads",
        "after not known",
        "answers after 5.2 s",
        "SIGKILL ended after 0.1 s with -9",
        "and 2 more",
        "2 x The photo is empty",
    ):
        assert row in rows
    assert rows.index("asked for 33") < rows.index("finished 20")
    assert rows.count("id-1 is gone") == 12
