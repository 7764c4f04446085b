"""A nonce for the scripts in the page's HTML, so that the browser runs no others."""

import secrets

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def new_nonce() -> str:
    """A nonce for one answer."""
    return secrets.token_urlsafe(16)


async def with_nonces(app: ASGIApp, nonce: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Lets an app answer with HTML, and gives the nonce to each script in it.

    The page's data are in there as JSON in which Gradio escapes "<", so that a tag is a tag.
    """
    # What is compressed could not be read here. Gradio does not compress this answer anyway.
    headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
    start: Message = {}
    body = bytearray()

    async def changed(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
            return
        body.extend(message.get("body", b""))
        if message.get("more_body", False):
            return
        html = bytes(body).replace(b"<script", b'<script nonce="%s"' % nonce.encode())
        if scope["method"] != "HEAD":
            MutableHeaders(scope=start)["Content-Length"] = str(len(html))
        await send(start)
        await send({"type": "http.response.body", "body": html})

    await app(scope | {"headers": headers}, receive, changed)
