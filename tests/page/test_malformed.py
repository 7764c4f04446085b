"""Malformed requests to Gradio's own routes: each gets a sentence, and the log no traceback."""

import gradio as gr
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from styletransfer.errors import in_english
from styletransfer.page.malformed import answering
from tests.support.coroutines import run

API = "/gradio_api"


async def small_app() -> FastAPI:
    with gr.Blocks() as page:
        given = gr.Number()
        gr.Button().click(lambda number: number, given, given, api_name="same")
    return gr.mount_gradio_app(FastAPI(), page, "/", app_kwargs=answering(page))


@pytest.fixture(scope="module")
def client():
    """A client of a small page, for which an exception that gets to the server is an error."""
    return TestClient(run(small_app()))  # Gradio makes a loop, and leaves it open, where none is running


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"{API}/call/v2/same", {"numbr": 1}),
        ("POST", f"{API}/call/v2/none", {}),
        ("GET", "/?page=none", None),
    ],
)
def test_what_gradio_takes_for_granted_is_asked_for(client, method, path, body, caplog):
    answer = client.request(method, path, json=body)
    assert answer.status_code == 400
    assert in_english("request_wrong") in answer.text
    (line,) = caplog.messages
    assert len(line) < 300
    assert not caplog.records[0].exc_info


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("queue/join", {"data": None, "fn_index": 0}, "data"),
        ("queue/join", {"data": [1], "trigger_id": "x"}, "trigger_id"),
        ("cancel", {}, "session_hash"),
        ("reset", [], "body"),
    ],
)
def test_a_field_of_another_kind_is_named(client, path, body, field):
    answer = client.post(f"{API}/{path}", json=body)
    said = in_english("field_malformed", field=repr(field))
    told = answer.json()
    assert (answer.status_code, told["detail"], told["code"]) == (400, said, "field_malformed")
    assert told["error"]["parameter"] == field


def test_a_stream_of_no_session_says_so_and_ends(client):
    answer = client.get(f"{API}/queue/data?session_hash=none")
    assert answer.status_code == 200
    assert "session_not_found" in answer.text


@pytest.mark.parametrize("path", ["call/same/none", "call/v2/same/none"])
def test_an_answer_that_is_gone_is_not_there(client, path):
    answer = client.get(f"{API}/{path}")
    assert (answer.status_code, answer.json()["detail"]) == (404, in_english("answer_gone"))
