"""A nonce for the scripts in the page's HTML, so that the browser runs no others."""

import secrets

from starlette.types import ASGIApp, Receive, Scope, Send

from .html import with_html


def new_nonce() -> str:
    """A nonce for one answer."""
    return secrets.token_urlsafe(16)


async def with_nonces(app: ASGIApp, nonce: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Lets an app answer with HTML, and gives the nonce to each script in it.

    The page's data are in there as JSON in which Gradio escapes "<", so that a tag is a tag.
    """

    def change(html: bytes, _: Scope) -> bytes:
        return html.replace(b"<script", b'<script nonce="%s"' % nonce.encode())

    await with_html(app, change, scope, receive, send)
