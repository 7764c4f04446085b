"""`stylize` as a tool for assistants, by the Model Context Protocol at `/mcp`: the only one there.

Not by Gradio's own `mcp_server`: it fetches pictures from whatever address a caller names, sends
requests to itself, and needs an older version of the protocol's package.
"""

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import mcp_types as mcp
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
from starlette.routing import Route

from ..errors import StyleTransferError, shown
from ..pictures import NAMES, REQUIRED, STYLES
from ..recipe import version
from ..service.run import Run
from ..service.store import Store
from ..service.watching import Audience
from ..settings import knobs
from .about import schema
from .answers import problem
from .api import PARAMETERS
from .components import visitor_of
from .gate.rules import Rules
from .run_form import painting_named
from .run_state import state_of

NAME = "stylize"
_DATA = "a data: URL of the file"
_ABOUT = (
    "Paints a photo in the manner of a painting, by neural style transfer. Takes seconds to minutes. "
    "The answer has the picture, and the address of the same at full size, where it is for ten minutes."
)


class Tool:
    """The tool and its route.

    Args:
        store: starts the runs.
        audience: in which those sit who wait for the end of a run.
    """

    def __init__(self, store: Store, audience: Audience) -> None:
        self._store = store
        self._audience = audience
        server = Server(
            "styletransfer", version=version(), on_list_tools=self._list, on_call_tool=self._call
        )
        # Without sessions, so that nothing is kept for callers who never come back. Who may call at all,
        # the gate has decided.
        self._manager = StreamableHTTPSessionManager(
            server, stateless=True, max_request_body_size=Rules.tool_bytes
        )

    @property
    def route(self) -> Route:
        """`/mcp`."""
        return Route("/mcp", StreamableHTTPASGIApp(self._manager))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """A context within which calls are answered; once for the whole process."""
        async with self._manager.run():
            yield

    async def _list(self, *_: Any) -> mcp.ListToolsResult:
        hints = mcp.ToolAnnotations(destructive_hint=False, open_world_hint=False)
        tool = mcp.Tool(name=NAME, description=_ABOUT, input_schema=_schema(), annotations=hints)
        return mcp.ListToolsResult(tools=[tool])

    async def _call(self, context: Any, asked: mcp.CallToolRequestParams) -> mcp.CallToolResult:
        try:
            if asked.name != NAME:
                raise StyleTransferError("no_such_parameter", value=shown(asked.name), parameters=NAME)
            files, values = _sorted(asked.arguments or {})
            run = await self._store.programs.start(files, values, visitor_of(context.request))
            await self._follow(run, context)
            if run.error is not None:
                raise run.error
            return await self._painted(run, str(context.request.base_url))
        except StyleTransferError as error:
            text = mcp.TextContent(text=str(error))
            told = {"error": problem(error)}
            return mcp.CallToolResult(content=[text], structured_content=told, is_error=True)

    async def _follow(self, run: Run, context: Any) -> None:
        """Tells how far the run is until it has ended, which also counts as watching it."""
        if self._audience.full:
            raise StyleTransferError("too_many_watch")
        while not run.finished:  # a seat may be taken away by later ones
            async with aclosing(self._audience.watch(run)) as news:
                async for _ in news:
                    step = run.step
                    told = (step.number, step.steps, str(step)) if step else (0, None, None)
                    await context.session.report_progress(*told)

    async def _painted(self, run: Run, page: str) -> mcp.CallToolResult:
        file = await asyncio.to_thread(self._store.files.result, run, ".jpg")
        if file is None:
            raise StyleTransferError("run_stopped")
        picture = base64.b64encode(await asyncio.to_thread(file.read_bytes)).decode()
        told = state_of(run) | {"picture": f"{page}runs/{run.id}/picture.png"}
        return mcp.CallToolResult(
            content=[
                mcp.ImageContent(data=picture, mime_type="image/jpeg"),
                mcp.TextContent(text=f"{run.step}. At full size: {told['picture']}"),
            ],
            structured_content=told,
        )


def _sorted(arguments: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The pictures and the settings among a call's arguments."""
    files, values = {}, {}
    for name, value in arguments.items():
        if name not in PARAMETERS:
            there_are = ", ".join(PARAMETERS)
            raise StyleTransferError("no_such_parameter", value=shown(name), parameters=there_are)
        if name in NAMES:
            files[name] = _picture(name, value)
        else:
            values[name] = value
    return files, values


def _picture(name: str, value: Any) -> str | bytes:
    """The bytes in a data URL, or the file of the painting that is named."""
    if isinstance(value, str) and value.startswith("data:"):
        try:
            return base64.b64decode(value.partition(",")[2], validate=True)
        except binascii.Error:
            raise StyleTransferError("field_malformed", field=name) from None
    if name not in STYLES or not isinstance(value, str):
        raise StyleTransferError("field_malformed", field=name)
    return painting_named(value)


def _schema() -> dict[str, Any]:
    """The tool's parameters, in the words of JSON Schema."""
    pictures = {
        name: {
            "type": "string",
            "description": f"The {words}: {_DATA}"
            + (", or the name of a painting that GET /api lists" if name in STYLES else ""),
        }
        for name, words in NAMES.items()
    }
    settings = {knob.name: schema(knob) for knob in knobs()}
    return {
        "type": "object",
        "properties": pictures | settings,
        "required": list(REQUIRED),
        "additionalProperties": False,
    }
