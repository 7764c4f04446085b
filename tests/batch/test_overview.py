import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from PIL import Image

from styletransfer.batch.manifest import Entry
from styletransfer.batch.overview import Overview
from styletransfer.pictures import Pictures

RED, BLUE, GREEN = (Image.new("RGB", (900, 600), colour) for colour in ("red", "blue", "green"))
HASHES = {"content": "a" * 64, "style": "b" * 64}


class Addresses(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found += [value for name, value in attributes if name in ("src", "href")]


@pytest.fixture
def written(tmp_path):
    overview = Overview(tmp_path)
    name = "trip/a #1 & <b>-wave.png"
    (tmp_path / "trip").mkdir()
    RED.save(tmp_path / name)
    overview.keep(name, RED, HASHES, Pictures(BLUE, [GREEN]))
    painted = Entry(name, "in/<a>.jpg", ["wave.jpg"], "painted", recipe={"sha256": HASHES}, seconds=3.2)
    failed = Entry(
        "b.png", "in/b.jpg", ["wave.jpg"], "failed", error={"code": "x", "sentence": "No <b>."}
    )
    overview.write([painted, failed])
    return tmp_path, (tmp_path / "overview.html").read_text("utf-8")


def test_every_address_leads_to_a_file_beside_the_page(written):
    folder, page = written
    parser = Addresses()
    parser.feed(page)
    files = [each for each in parser.found if not each.startswith("#")]
    assert len(files) == 5  # manifest, painting, photo, picture, and the picture in full size
    missing = [each for each in files if not (folder / unquote(each)).is_file()]
    assert missing == ["manifest.jsonl"]  # which is not the overview's own
    assert not re.search(r"https?:|//|<script|url\(", page)


def test_names_and_sentences_are_escaped(written):
    _, page = written
    assert "&lt;a&gt;.jpg" in page
    assert "No &lt;b&gt;." in page
    assert "<b>-wave" not in page


def test_small_pictures_are_small_and_keep_their_shape(written):
    folder, page = written
    sizes = set()
    for file in (folder / "overview_files").iterdir():
        with Image.open(file) as image:
            sizes.add(image.size)
    assert sizes == {(480, 320)}
    assert 'width="480" height="320"' in page


def test_small_pictures_that_are_missing_are_made_again_where_their_files_are_there(written):
    folder, _ = written
    for file in (folder / "overview_files").iterdir():
        file.unlink()
    entry = Entry("trip/a #1 & <b>-wave.png", "gone.jpg", ["gone.png"], "painted")
    Overview(folder).write([entry])
    assert len(list((folder / "overview_files").iterdir())) == 1
    assert "gone.jpg" in Path(folder / "overview.html").read_text("utf-8")
