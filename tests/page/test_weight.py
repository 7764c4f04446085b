"""How much a browser has to fetch before it shows the page: of ours, without pictures."""

import json
import subprocess
import sys

from tests.support.samples import ROOT

# What the page's HTML consists of beside Gradio's template of 20 kB.
PARTS = """
import gzip, json
from styletransfer.page.page import build
from styletransfer.page.theme import launch_options
from styletransfer.service.queue import Queue
from styletransfer.service.shares import Shares
from styletransfer.service.store import Store
store = Store(Queue(runner=None))
options = launch_options("en")
parts = {
    "components": json.dumps(build(store, Shares(store)).config, default=str),
    "styles": options["css"] + "".join(each.read_text("utf-8") for each in options["css_paths"]),
    "head": options["head"],
}
weights = {name: len(gzip.compress(text.encode())) for name, text in parts.items()}
print(json.dumps([weights, "data:image" in parts["components"]]))
"""


def test_the_page_is_light_and_none_of_the_catalogues_pictures_is_part_of_it():
    # Run in another process, because Gradio leaves sockets open, which would warn in this one.
    weights, pictures = json.loads(
        subprocess.check_output([sys.executable, "-c", PARTS], cwd=ROOT, encoding="utf-8")
    )
    assert not pictures
    assert weights["components"] < 60_000
    assert sum(weights.values()) < 130_000
