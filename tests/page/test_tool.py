"""The tool for assistants, used with the protocol's own client over HTTP."""

import base64

import pytest

from styletransfer.page.api import PARAMETERS
from tests.support.coroutines import run
from tests.support.samples import PHOTO

mcp = pytest.importorskip("mcp")
pytest.importorskip("mcp_types")  # which version 1 of the package lacks

DATA = f"data:image/jpeg;base64,{base64.b64encode(PHOTO.read_bytes()).decode()}"
GIVEN = {"content": DATA, "style": "hokusai-great-wave", "size": 128, "steps": 2, "scales": 1}


def with_client(server, ask):
    async def asked():
        async with mcp.Client(f"{server}/mcp") as client:
            return await ask(client)

    return run(asked())


def test_the_one_tool_has_the_parameters_of_the_other_doors(server):
    (tool,) = with_client(server, lambda client: client.list_tools()).tools
    assert tool.name == "stylize"
    assert set(tool.input_schema["properties"]) == set(PARAMETERS)
    assert tool.input_schema["required"] == ["content", "style"]
    size = tool.input_schema["properties"]["size"]
    assert (size["type"], size["minimum"], size["maximum"]) == ("integer", 128, 4096)


def test_it_paints_and_tells_how_far_it_is(server):
    told = []

    async def paint(client):
        async def progress(step, steps, message):
            told.append((step, steps, message))

        return await client.call_tool("stylize", GIVEN, progress_callback=progress)

    result = with_client(server, paint)
    picture, text = result.content
    assert base64.b64decode(picture.data).startswith(b"\xff\xd8")
    assert result.structured_content["state"] == "done"
    assert result.structured_content["picture"] in text.text
    assert told


@pytest.mark.parametrize(
    ("wrong", "code", "parameter"),
    [
        ({"size": 5000}, "out_of_range", "size"),
        ({"size": "128"}, "not_a_whole_number", "size"),
        ({"siz": 128}, "no_such_parameter", None),
        ({"style": "mona-lisa"}, "no_such_painting", None),
        ({"content": "https://example.org/cat.jpg"}, "field_malformed", "content"),
        ({"style": "https://example.org/cat.jpg"}, "no_such_painting", None),
        ({"content": "/etc/passwd"}, "field_malformed", "content"),
        ({"content": "data:image/png;base64,RGVhciBkaWFyeQ=="}, "picture_unreadable", "content"),
        ({"content": "data:image/png;base64,%%%"}, "field_malformed", "content"),
        ({"content": None}, "field_malformed", "content"),
    ],
)
def test_what_is_wrong_is_told_with_its_code(server, wrong, code, parameter):
    result = with_client(server, lambda client: client.call_tool("stylize", GIVEN | wrong))
    assert result.is_error
    error = result.structured_content["error"]
    assert (error["code"], error["parameter"]) == (code, parameter)
    assert result.content[0].text == error["message"]


def test_there_is_no_other_tool(server):
    result = with_client(server, lambda client: client.call_tool("paint", {}))
    assert result.is_error
