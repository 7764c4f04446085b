"""Which language a request is answered in: the visitor's choice, which a cookie keeps, or the browser's.

The links of the switch lead to the page they are on with `?lang=fr`. They are answered with the cookie
and back to the same page, so that no address that somebody shares carries its sender's language.
"""

from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.datastructures import Headers, QueryParams
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from .translate import Words, languages, preferred

PARAMETER = "lang"
_COOKIE = "styletransfer-language"
_YEAR = 365 * 24 * 3600  # seconds


def language_of(scope: Scope) -> str:
    """The tag of the language that this request is to be answered in."""
    headers = Headers(scope=scope)
    chosen = cookie_parser(headers.get("cookie", "")).get(_COOKIE, "")
    return chosen if chosen in languages() else preferred(headers.get("accept-language", ""))


def words_for(scope: Scope) -> Words:
    """The texts in the language that this request is to be answered in."""
    return languages()[language_of(scope)]


def choosing(scope: Scope) -> Response | None:
    """The answer to a link of the switch, which keeps the choice; None for any other request."""
    tag = QueryParams(scope["query_string"]).get(PARAMETER)
    if tag not in languages() or scope["method"] not in {"GET", "HEAD"}:
        return None
    here = quote(scope["path"].rpartition("/")[2]) or "./"
    query = _kept_query(scope)
    response = RedirectResponse(f"{here}?{query}" if query else here, 303, {"Cache-Control": "no-store"})
    response.headers["Set-Cookie"] = _cookie(tag, scope["scheme"])
    return response


def _kept_query(scope: Scope) -> str:
    """What else the address asks for, such as a look."""
    for query in (scope["query_string"].decode("latin-1"), _query_before(Headers(scope=scope))):
        pairs = parse_qsl(query, keep_blank_values=True)
        kept = [(name, value) for name, value in pairs if name != PARAMETER]
        if kept:
            return urlencode(kept, quote_via=quote)
    return ""


def _query_before(headers: Headers) -> str:
    """The query of the page that the link is on, which browsers say in Referer; "" if it is not ours."""
    try:
        before = urlsplit(headers.get("referer", ""))
    except ValueError:
        return ""
    return (
        before.query if before.netloc in {headers.get("host"), headers.get("x-forwarded-host")} else ""
    )


def _cookie(tag: str, scheme: str) -> str:
    # In a frame of another website, as on a Space, a browser keeps only a cookie that asks for a place
    # of its own there, and only over HTTPS.
    where = "SameSite=None; Secure; Partitioned" if scheme == "https" else "SameSite=Lax"
    return f"{_COOKIE}={tag}; Path=/; Max-Age={_YEAR}; HttpOnly; {where}"
