"""Hostile files sent to a real server, which answers each with a sentence and goes on."""

from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from styletransfer.catalogue import catalogue
from tests.support.hostile import files
from tests.support.made_images import encoded, noise

PAINTING = catalogue().styles[0].file
# Endings of names -> how many such files are sent; those that are refused, so that nothing is painted.
SENT = {
    "cut-at-0.02": 10,
    "cut-at-0.2": 10,
    "declares-50000x50000": 1,
    "declares-65501x2": 1,
    "declares-65535": 2,
    "declares-60000": 2,
    "drawing": 2,
    "layers": 1,
    "diary": 1,
    "nothing": 1,
    "numbers": 1,
}


@pytest.fixture(scope="module")
def sent() -> dict[str, bytes]:
    """A few dozen files of many kinds, by name."""
    made, chosen = files(), {}
    for stem, most in SENT.items():
        names = [name for name in made if name.rpartition(".")[0] == stem]
        chosen |= {name: made[name] for name in names[:most]}
    return chosen


def test_each_is_answered_and_the_server_goes_on(server, sent, tmp_path):
    client = Client(server, verbose=False)

    def painted(name, data):
        """The picture that comes of it, in a single step."""
        file = tmp_path / name
        file.write_bytes(data)
        given = {"content": handle_file(file), "style": handle_file(PAINTING)}
        job = client.submit(**given, size=128, steps=1, scales=1, api_name="/stylize")
        return job.result(300)[-1]  # what is not answered by then hangs

    assert len(sent) >= 24
    for name, data in sent.items():
        with pytest.raises(AppError) as error:
            painted(name, data)
        assert f"The photo ({name})" in str(error.value) or "Add a photo" in str(error.value)
        assert "/" not in str(error.value)
    assert httpx.get(server, timeout=60).status_code == 200
    assert Path(painted("good.png", encoded(noise(64, 48), "PNG"))).stat().st_size > 1000
