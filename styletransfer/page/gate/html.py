"""An answer of HTML as a whole, changed on its way to the browser."""

from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


async def with_html(
    app: ASGIApp, change: Callable[[bytes, Scope], bytes], scope: Scope, receive: Receive, send: Send
) -> None:
    """Lets an app answer, and changes the answer if it is HTML.

    Args:
        app: the app.
        change: gives the changed HTML, from the HTML and the scope as the app has left it.
        scope: of the request.
        receive: of the request.
        send: of the request.
    """
    # What is compressed could not be read here. Gradio does not compress this answer anyway.
    headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
    scope = scope | {"headers": headers}
    start: Message = {}
    body = bytearray()

    async def changed(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
            return
        body.extend(message.get("body", b""))
        if message.get("more_body", False):
            return
        whole = bytes(body)
        if Headers(raw=start["headers"]).get("content-type", "").startswith("text/html"):
            whole = change(whole, scope)
            if scope["method"] != "HEAD":
                MutableHeaders(scope=start)["Content-Length"] = str(len(whole))
        await send(start)
        await send({"type": "http.response.body", "body": whole})

    await app(scope, receive, changed)
