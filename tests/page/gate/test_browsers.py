"""The cookie that tells browsers at one address apart."""

import pytest

from styletransfer.page.gate.browsers import browser_of, naming
from tests.support.coroutines import run


def cookie(scheme="http", **headers) -> str:
    """What the browser is told to keep with the page."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "scheme": scheme,
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    run(naming(scope, send)({"type": "http.response.start", "status": 200, "headers": []}))
    return dict(sent[0]["headers"]).get(b"set-cookie", b"").decode()


def test_each_browser_gets_a_name_of_its_own_and_keeps_it():
    first, second = cookie(), cookie()
    named = [each.partition(";")[0] for each in (first, second)]
    assert len({browser_of({"cookie": each}) for each in named} - {""}) == 2
    assert cookie(cookie=named[0]) == ""
    assert "HttpOnly" in first
    assert "SameSite=lax" in first
    assert "Secure" not in first
    assert "Secure" in cookie("https")


@pytest.mark.parametrize(
    "value", ["", "browser=", "browser=x", "browser=" + "a" * 23, "other=" + "a" * 22]
)
def test_what_is_no_name_of_ours_counts_as_none(value):
    assert browser_of({"cookie": value}) == ""
    assert cookie(cookie=value)
