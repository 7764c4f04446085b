"""Who may come in: the page to log in, the cookie, and HTTP Basic."""

import base64
import json

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from styletransfer.page.gate.gate import Gate
from styletransfer.page.gate.logins import Logins
from styletransfer.page.gate.rules import Rules
from styletransfer.page.i18n.translate import languages
from tests.support.asgi import ask

APP = Starlette(
    routes=[
        Route(path, lambda _: PlainTextResponse("in"))
        for path in ("/", "/config", "/picture/a", "/gradio_api/file=/x.png")
    ]
)
FORM = {"content-type": "application/x-www-form-urlencoded"}
BROWSER = FORM | {
    "accept": "text/html,*/*",
    "sec-fetch-mode": "navigate",
    "sec-fetch-site": "same-origin",
}


def gate(**rules) -> Gate:
    return Gate(APP, Rules(accounts={"ann": "p:w ä", "bob": "secret"}, **rules))


def logged_in(app, user="ann", password="p%3Aw+%C3%A4", headers=BROWSER, **request):
    body = f"username={user}&password={password}".encode()
    return ask(app, method="POST", path="/login", headers=headers, chunks=[body], **request)


def cookie_of(answer) -> str:
    return answer.headers["set-cookie"].partition(";")[0]


def basic(user="ann", password="p:w ä") -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def test_without_accounts_nothing_changes():
    app = Gate(APP)
    assert ask(app).text == "in"
    assert ask(app, path="/login").status == 404


@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/file=/x.png", "/assets/x.js", "/watch/a"])
def test_nothing_is_told_to_whoever_has_not_logged_in(path):
    answer = ask(gate(), path=path)
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert answer.text != "in"


def test_a_shared_picture_is_open():
    assert ask(gate(), path="/picture/a").text == "in"


def test_a_browser_is_sent_to_the_page_to_log_in_and_comes_back_with_its_link():
    app = gate()
    answer = ask(app, headers=BROWSER, query="style=wave&seed=3")
    assert (answer.status, answer.headers["location"]) == (303, "login?style=wave&seed=3")
    page = ask(app, path="/login", headers=BROWSER, query="style=wave&seed=3")
    assert page.status == 200
    assert 'action="login?style=wave&amp;seed=3"' in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]
    answer = logged_in(app, query="style=wave&seed=3")
    assert (answer.status, answer.headers["location"]) == (303, "./?style=wave&seed=3")
    assert ask(app, headers=BROWSER | {"cookie": cookie_of(answer)}).text == "in"


def test_no_query_leads_to_another_website():
    for query in ("//evil.test", "next=//evil.test", "\r\nX: y"):
        assert logged_in(gate(), query=query).headers["location"].startswith("./?")


def test_the_cookie_cannot_be_read_by_scripts_nor_sent_by_other_websites():
    sent = logged_in(gate()).headers["set-cookie"].lower()
    assert "httponly" in sent
    assert "samesite=lax" in sent
    assert "secure" not in sent
    from styletransfer.page.gate.addresses import networks

    app = gate(trusted_proxies=networks(["10.0.0.1"]))
    behind = logged_in(app, headers=BROWSER | {"x-forwarded-proto": "https"}, client="10.0.0.1")
    assert "secure" in behind.headers["set-cookie"].lower()


def test_a_cookie_is_worth_nothing_if_anything_in_it_is_changed():
    app = gate()
    cookie = cookie_of(logged_in(app))
    assert ask(app, path="/config", headers={"cookie": cookie}).text == "in"
    name, _, value = cookie.partition("=")
    for wrong in (value[:-1], value + "x", value.swapcase(), "", "..", "\xe4"):
        assert ask(app, path="/config", headers={"cookie": f"{name}={wrong}"}).status == 401
    assert ask(gate(), path="/config", headers={"cookie": cookie}).status == 401  # another start


def test_a_login_ends_by_itself():
    now = [1_000_000.0]
    logins = Logins(lambda: now[0])
    secret = logins.begin("ann")
    now[0] += 29 * 86_400
    assert logins.holds(secret)
    now[0] += 2 * 86_400
    assert not logins.holds(secret)


def test_many_logins_of_one_user_end_no_others():
    logins = Logins()
    bobs, anns = logins.begin("bob"), [logins.begin("ann") for _ in range(1001)]
    assert [logins.holds(each) for each in (bobs, anns[0], anns[1], anns[-1])] == [1, 0, 1, 1]


def test_programs_log_in_by_basic():
    app = gate()
    assert ask(app, path="/config", headers=basic()).text == "in"
    for wrong in (
        basic(password="no"),
        basic("eve"),
        {"authorization": "Basic !"},
        {"authorization": "Basic \xe4"},
        {"authorization": "Bearer x"},
    ):
        assert ask(app, path="/config", headers=wrong).status == 401


def test_gradios_client_logs_in_as_it_does():
    app = gate()
    answer = logged_in(app, headers=FORM)
    assert (answer.status, json.loads(answer.body)) == (200, {"success": True})
    assert ask(app, path="/config", headers={"cookie": cookie_of(answer)}).text == "in"


@pytest.mark.parametrize("words", languages().values(), ids=languages())
def test_a_wrong_password_is_said_in_the_browsers_language(words):
    answer = logged_in(gate(), password="no", headers=BROWSER | {"accept-language": words.language})
    assert answer.status == 401
    assert words.LOGIN_TITLE in answer.text
    assert (
        words.told.get("messages", {}).get("login_wrong", "The user name or the password is wrong.")
        in answer.text
    )
    assert "set-cookie" not in answer.headers
    assert "www-authenticate" not in answer.headers


def test_wrong_passwords_are_slowed_down_and_right_ones_are_not():
    app = gate()
    assert {logged_in(app).status for _ in range(30)} == {303}
    assert [logged_in(app, password="no").status for _ in range(12)] == [401] * 10 + [429] * 2
    assert logged_in(app).status == 429  # else a guess would still be told from a wrong one
    assert ask(app, path="/config", headers=basic()).status == 429
    assert logged_in(app, client="198.51.100.2").status == 303
    assert int(logged_in(app).headers["retry-after"]) > 0


def test_other_websites_cannot_log_a_browser_in():
    assert logged_in(gate(), headers=BROWSER | {"origin": "http://evil.test"}).status == 403


def left(app, cookie, **request):
    headers = (
        BROWSER | {"cookie": cookie, "origin": "http://127.0.0.1:7860"} | request.pop("headers", {})
    )
    return ask(app, path="/logout", headers=headers, **request)


def test_whoever_logs_out_is_out_and_so_is_a_copy_of_the_cookie():
    app = gate()
    cookie, other = (cookie_of(logged_in(app)) for _ in range(2))
    answer = left(app, cookie, method="POST")
    assert (answer.status, answer.headers["location"]) == (303, "login")
    assert 'styletransfer-login=""' in answer.headers["set-cookie"]
    assert ask(app, path="/config", headers={"cookie": cookie}).status == 401
    assert ask(app, path="/config", headers={"cookie": other}).text == "in"


def test_no_link_and_no_other_website_logs_a_browser_out():
    app = gate()
    cookie = cookie_of(logged_in(app))
    page = left(app, cookie)
    assert (page.status, "set-cookie" in page.headers) == (200, False)
    assert '<form method="post" action="logout">' in page.text
    foreign = {"origin": "http://evil.test", "sec-fetch-site": "cross-site"}
    assert left(app, cookie, method="POST", headers=foreign).status == 403
    assert ask(app, path="/config", headers={"cookie": cookie}).text == "in"


def test_a_form_is_small():
    assert logged_in(gate(), password="x&" * 20).status == 400
    assert logged_in(gate(), password="x" * 9_000).status == 401
    answer = logged_in(gate(), password="x" * 20_000)
    assert (answer.status, "at most 10 kB" in answer.text) == (413, True)
