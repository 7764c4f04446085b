"""The gate: an ASGI layer around the server, which sees every request first and every answer last."""

from collections.abc import Callable, Hashable, Iterable
from functools import partial

from starlette.datastructures import Headers, QueryParams
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..face import OURS, Face
from ..i18n.choice import choosing
from .addresses import Addresses, counted
from .bodies import Clock, Upload, check_depth, check_pictures, parsed, whole
from .browsers import naming
from .calls import Calls
from .doors import Door, Kind, door_of
from .headers import Answers, with_plain_range
from .limits import Allowance, Held, Sessions
from .login import Login
from .nonces import new_nonce, with_nonces
from .origin import Origins
from .refusals import Refused, answer
from .rules import Rules

_MINUTE, _HOUR = 60, 3600
_CALLS, _ALL_CALLS = 5, 20  # of the tool at a time: by one address, and by all
_TEXTS = {Kind.ASSET, Kind.DATA, Kind.STATE}  # compressed on the way, as the page; pictures are already
_PAGES = {Kind.PAGE, Kind.PICTURE, Kind.LOGIN}  # which have the switch of language


class Gate:
    """The layer around an app.

    Args:
        app: the server without it.
        rules: what whoever runs the server has decided.
        calls: what can be called in the page; by default nothing.
        hashes: of the scripts that Gradio puts into the page, for the content security policy.
        prefix: the path under which a proxy shows the server, without a slash at the end.
        face: the title and the colour of the page where one logs in.

    Attributes:
        origins: the names of the server.
        addresses: finds the visitors' addresses.
        on_refused: a function that is called with the code of every refusal.
    """

    def __init__(
        self,
        app: ASGIApp,
        rules: Rules | None = None,
        calls: Calls | None = None,
        hashes: Iterable[str] = (),
        prefix: str = "",
        face: Face = OURS,
    ) -> None:
        self._app = app
        self._rules = rules = rules or Rules()
        self._calls = calls or Calls({}, ())
        self._prefix = prefix
        self.origins = Origins(rules.hosts)
        self.addresses = Addresses(rules.trusted_proxies)
        self._answers = Answers(rules.frame_ancestors, hashes)
        self._login = Login(rules.accounts, face)
        self._requests = Allowance(rules.requests, _MINUTE)
        self._loads = Allowance(rules.loads, _MINUTE)
        self._actions = Allowance(rules.actions, _MINUTE)
        self._uploads = Allowance(rules.upload_bytes, _HOUR)
        self._sessions = Sessions(Allowance(rules.sessions, _HOUR))
        self._streams = Held()
        self.on_refused: Callable[[str], None] = lambda _: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request through, or answers why it is not."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})  # the page uses none
            return
        scope = self.addresses.resolved(scope)
        try:
            _spend(self._requests, counted(scope["client"][0]))
            self.origins.check(scope)
            door = door_of(scope["method"], scope["path"].removeprefix(self._prefix))
            if door.kind is Kind.TOOL and not self._rules.mcp:
                raise Refused("nothing_here")
            response = choosing(scope) if door.kind in _PAGES else None
            response = response or self._login.check(door, scope)
            if response is None and door.kind is Kind.LOGIN:
                response = await self._login.answer(scope, receive)
            if response is None:
                await self._pass(door, scope, receive, send)
            else:
                await response(scope, receive, self._answers.around(send, Kind.LOGIN))
        except Refused as refused:
            self.on_refused(refused.code)
            await answer(refused, scope)(scope, receive, self._answers.around(send, None))

    async def _pass(self, door: Door, scope: Scope, receive: Receive, send: Send) -> None:
        address = counted(scope["client"][0])
        nonce = new_nonce() if door.kind is Kind.PAGE else ""
        send = self._answers.around(send, door.kind, nonce)
        if door.kind in {Kind.PAGE, Kind.DATA}:
            _spend(self._loads, address)
        if door.kind is Kind.PAGE:
            page = partial(with_nonces, self._app, nonce)
            await _compressed(page)(scope, receive, naming(scope, send))
        elif door.kind in _TEXTS and "range" not in Headers(scope=scope):
            await _compressed(self._app)(scope, receive, send)
        elif door.kind is Kind.CALL:
            _spend(self._actions, address)
            await self._call(address, scope, receive, send)
        elif door.kind is Kind.CHANGE:
            _spend(self._actions, address)
            await self._change(scope, receive, send)
        elif door.kind in {Kind.UPLOAD, Kind.FORM}:
            _spend(self._actions, address)
            parts = self._rules.files if door.kind is Kind.UPLOAD else self._calls.values
            await self._upload(address, parts, scope, receive, send)
        elif door.kind is Kind.TOOL:
            _spend(self._actions, address)
            await self._tool(address, scope, receive, send)
        elif door.kind in {Kind.STREAM, Kind.WATCH}:
            most: dict[str, tuple[Hashable, int]] = {"address": (address, self._rules.streams)}
            if door.kind is Kind.STREAM:
                most["session"] = (_session(scope), self._rules.streams_a_session)
            with self._streams.one(**most):
                await self._app(scope, receive, send)
        else:
            await self._app(with_plain_range(scope), receive, send)

    async def _call(self, address: str, scope: Scope, receive: Receive, send: Send) -> None:
        body = await whole(Clock(receive), scope, self._rules.json_bytes)
        if body is None:
            return
        call = parsed(body)
        check_pictures(call, self._rules.allow_urls)
        path = scope["path"].rstrip("/")
        self._calls.check(call, path)
        if not path.endswith(("/cancel", "/reset")):
            self._sessions.check(address, call.get("session_hash"))
        await self._app(scope, _again(body, receive), send)

    async def _change(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await whole(Clock(receive), scope, self._rules.json_bytes)
        if body is not None:
            parsed(body)
            await self._app(scope, _again(body, receive), send)

    async def _tool(self, address: str, scope: Scope, receive: Receive, send: Send) -> None:
        # Bodies of this size are in memory until the call ends, so there are few of them.
        with self._streams.one(tool=(address, _CALLS), tools=("", _ALL_CALLS)):
            body = await whole(Clock(receive), scope, self._rules.tool_bytes)
            if body is None:
                return
            if wait := self._uploads.spend(address, len(body)):
                raise Refused("too_many_uploads", seconds=wait)
            check_depth(body)
            await self._app(scope, _again(body, receive), send)

    async def _upload(
        self, address: str, parts: int, scope: Scope, receive: Receive, send: Send
    ) -> None:
        rules = self._rules

        def spend(size: int) -> int:
            return self._uploads.spend(address, size)

        upload = Upload(Clock(receive), scope, rules.body_bytes, parts, spend)

        async def unless_refused(message: Message) -> None:
            if upload.refused is None:
                await send(message)

        await self._app(scope, upload.receive, unless_refused)
        if upload.refused is not None:
            raise upload.refused


def _again(body: bytes, receive: Receive) -> Receive:
    """A `receive` for a request whose body has been read already."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


def _compressed(app: ASGIApp) -> ASGIApp:
    # At level 6 the page takes 15 ms of a core; at 9 it takes twice that for one percent less.
    return GZipMiddleware(app, minimum_size=1000, compresslevel=6)


def _spend(allowance: Allowance, address: str) -> None:
    if wait := allowance.spend(address):
        raise Refused("too_many_requests", seconds=wait)


def _session(scope: Scope) -> tuple[str, str]:
    """What a stream is about: its path, which may hold a name, and the session or upload it names."""
    query = QueryParams(scope["query_string"])
    return scope["path"], query.get("session_hash") or query.get("upload_id") or ""
