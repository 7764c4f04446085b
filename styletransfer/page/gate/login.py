"""Who may come in: pages where one logs in and out, a cookie, and HTTP Basic for programs."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import Receive, Scope

from ..assets import render
from ..face import OURS, Face
from ..i18n.choice import words_for
from ..language_switch import language_switch
from ..shared_page import style_sheet
from .addresses import counted
from .bodies import Clock, whole
from .doors import Door, Kind
from .limits import Allowance
from .logins import LASTS, Logins
from .refusals import Refused

_COOKIE = "styletransfer-login"
# Wrong passwords of an address: ten at once, then one in a minute.
_TRIES, _TRIES_FILL = 10, 600
_FORM_BYTES = 10_000
_OPEN = {Kind.PICTURE, Kind.LOGIN, Kind.HEALTH}  # to those who have no password, too


class Login:
    """Lets those in who have a password.

    Args:
        accounts: passwords by user; everybody may come in if there are none.
        face: the title and the colour of the pages where one logs in and out.
    """

    def __init__(self, accounts: Mapping[str, str], face: Face = OURS) -> None:
        self._accounts = dict(accounts)
        self._face = face
        self._logins = Logins()
        self._tries = Allowance(_TRIES, _TRIES_FILL)

    def check(self, door: Door, scope: Scope) -> Response | None:
        """The page where one logs in, for whoever has not and is at the page's own door.

        Raises:
            Refused: a request without a valid cookie or password, at another door; or many wrong ones.
        """
        if not self._accounts or door.kind in _OPEN or self._knows(scope):
            return None
        if door.kind is Kind.PAGE and "text/html" in Headers(scope=scope).get("accept", ""):
            query = scope["query_string"].decode("latin-1")
            return RedirectResponse("login" + (f"?{query}" if query else ""), 303)
        raise Refused("login_needed")

    async def answer(self, scope: Scope, receive: Receive) -> Response:
        """The answer at the door where one logs in and out.

        Raises:
            Refused: there is no need to log in here, or the password is wrong or came too soon.
        """
        if not self._accounts:
            raise Refused("nothing_here")
        query = scope["query_string"].decode("latin-1")
        leaving = scope["path"].endswith("/logout")
        if scope["method"] != "POST":
            return self._page(scope, query, leaving)
        if leaving:
            self._logins.end(_secret(scope))
            response: Response = RedirectResponse("login", 303)
            response.delete_cookie(_COOKIE, httponly=True, samesite="lax")
            return response
        return await self._begun(scope, receive, query)

    async def _begun(self, scope: Scope, receive: Receive, query: str) -> Response:
        """The answer to a form with a user and a password: the cookie of a new login."""
        body = await whole(Clock(receive), scope, _FORM_BYTES) or b""
        try:
            form = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
        except ValueError:
            raise Refused("request_wrong") from None
        user, password = (form.get(name, [""])[0] for name in ("username", "password"))
        browser = "text/html" in Headers(scope=scope).get("accept", "")
        try:
            self._try(user.strip(), password, scope)
        except Refused as refused:
            if browser:
                return self._page(scope, query, refused=refused)
            raise
        response: Response = RedirectResponse(f"./?{query}" if query else "./", 303)
        if not browser:  # such as gradio_client, which wants no page
            response = JSONResponse({"success": True})
        response.set_cookie(
            _COOKIE,
            self._logins.begin(user.strip()),
            max_age=LASTS,
            httponly=True,
            samesite="lax",
            secure=scope["scheme"] == "https",
        )
        return response

    def _knows(self, scope: Scope) -> bool:
        if self._logins.holds(_secret(scope)):
            return True
        kind, _, coded = Headers(scope=scope).get("authorization", "").partition(" ")
        if kind.lower() != "basic":
            return False
        try:
            user, _, password = base64.b64decode(coded, validate=True).decode().partition(":")
        except ValueError:  # no base64, or no UTF-8
            return False
        self._try(user, password, scope)
        return True

    def _try(self, user: str, password: str, scope: Scope) -> None:
        """Raises `Refused` unless this is the user's password. Takes equally long for all wrong ones."""
        address = counted(scope["client"][0])
        if wait := self._tries.spend(address):
            raise Refused("login_too_often", seconds=wait)
        right = self._accounts.get(user)
        same = hmac.compare_digest(
            _hash(password), _hash(right if right is not None else secrets.token_hex())
        )
        if not same or right is None:
            raise Refused("login_wrong")
        self._tries.give_back(address)

    def _page(
        self, scope: Scope, query: str, leaving: bool = False, refused: Refused | None = None
    ) -> Response:
        """The page where one logs in, with what was wrong, or out."""
        texts = self._face.worded(words_for(scope))
        html = render(
            "logout" if leaving else "login",
            texts=texts,
            switch=language_switch(texts),
            style=style_sheet(self._face),
            action="login" + (f"?{query}" if query else ""),
            wrong=texts.error(refused) if refused else "",
            home="./",
        )
        headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
        if refused and refused.status == 429:
            headers["Retry-After"] = str(refused.fields["seconds"])
        return HTMLResponse(html, refused.status if refused else 200, headers)


def _secret(scope: Scope) -> str:
    """What the browser knows of its login; empty if it has none."""
    return cookie_parser(Headers(scope=scope).get("cookie", "")).get(_COOKIE, "")


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
