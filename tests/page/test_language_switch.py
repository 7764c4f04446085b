"""The switch of language: its links, the cookie that keeps the choice, and what comes along."""

import re

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from styletransfer.page.gate.addresses import networks
from styletransfer.page.gate.gate import Gate
from styletransfer.page.gate.rules import Rules
from styletransfer.page.i18n.choice import language_of
from styletransfer.page.i18n.translate import languages
from styletransfer.page.language_switch import language_switch
from styletransfer.page.server import _ByLanguage
from tests.support.asgi import ask

HERE = "http://127.0.0.1:7860"


def speaking(request: Request) -> HTMLResponse:
    return HTMLResponse(language_of(request.scope))


ROUTES = [Route(path, speaking) for path in ("/", "/picture/a", "/config", "/assets/a.js")]
GATE = Gate(Starlette(routes=ROUTES))


def chosen(query, app=GATE, **request):
    """The address to which a link of the switch leads, and the cookie that it leaves."""
    answer = ask(app, query=query, **request)
    assert answer.status == 303
    assert "no-store" in answer.headers["cache-control"]
    return answer.headers["location"], answer.headers["set-cookie"]


def kept(cookie: str) -> dict[str, str]:
    return {"cookie": cookie.partition(";")[0]}


@pytest.mark.parametrize("tag", languages())
def test_a_choice_is_kept_and_goes_before_what_the_browser_asks_for(tag):
    address, cookie = chosen(f"lang={tag}")
    assert address == "./"
    for path in ("/", "/picture/a", "/config"):
        assert ask(GATE, path=path, headers=kept(cookie) | {"accept-language": "de"}).text == tag
    assert "Max-Age=31536000" in cookie


def test_each_language_is_named_by_itself_and_the_pages_own_is_marked():
    for tag, words in languages().items():
        html = language_switch(words)
        links = re.findall(r'<a href="\?lang=([^"]+)" lang="([^"]+)"[^>]*>([^<]+)</a>', html)
        assert links == [(each, each, said.LANGUAGE_NAME) for each, said in languages().items()]
        assert re.findall(r'lang=([^"]+)"[^>]*aria-current', html) == [tag]


@pytest.mark.parametrize(
    ("query", "before", "address"),
    [
        ("lang=fr&style=hokusai-poppies&seed=3", "", "./?style=hokusai-poppies&seed=3"),
        (
            "lang=fr",
            f"{HERE}/?style=hokusai-poppies&blend=3%201",
            "./?style=hokusai-poppies&blend=3%201",
        ),
        ("lang=fr", f"{HERE}/?lang=de", "./"),
        ("lang=fr", "http://elsewhere.test/?style=hokusai-poppies", "./"),
        ("lang=fr", "http://[", "./"),
        ("%6Cang=fr&lang=de", "", "./"),
        ("lang=fr&x=//elsewhere.test", "", "./?x=%2F%2Felsewhere.test"),
        ("lang=fr&x=%0d%0aSet-Cookie:y", "", "./?x=%0D%0ASet-Cookie%3Ay"),
    ],
)
def test_the_look_in_the_address_comes_along(query, before, address):
    assert chosen(query, headers={"referer": before})[0] == address


def test_the_switch_leads_back_to_the_page_that_it_is_on():
    locked = Gate(Starlette(routes=ROUTES), Rules(accounts={"ann": "secret"}))
    assert chosen("lang=fr", path="/picture/a")[0] == "a"
    address, cookie = chosen(
        "lang=de", app=locked, path="/login", headers={"referer": f"{HERE}/login?seed=3"}
    )
    assert address == "login?seed=3"
    page = ask(locked, path="/login", query="seed=3", headers=kept(cookie))
    assert '<html lang="de">' in page.text
    assert language_switch(languages()["de"]) in page.text


@pytest.mark.parametrize("query", ["", "lang=", "lang=xx", "lang=../en", "language=fr"])
def test_what_is_no_language_of_ours_is_passed_on(query):
    assert ask(GATE, query=query).text == "en"
    assert ask(GATE, headers={"cookie": f"styletransfer-language={query}"}).text == "en"


def test_the_cookie_is_kept_also_in_a_frame_of_another_website():
    assert "SameSite=Lax" in chosen("lang=fr")[1]
    behind = Gate(Starlette(routes=ROUTES), Rules(trusted_proxies=networks(["10.0.0.1"])))
    cookie = chosen("lang=fr", app=behind, headers={"x-forwarded-proto": "https"}, client="10.0.0.1")[1]
    assert cookie.endswith("HttpOnly; SameSite=None; Secure; Partitioned")


def test_caches_keep_the_languages_apart_but_the_scripts_once():
    app = _ByLanguage(dict.fromkeys(languages(), Starlette(routes=ROUTES)))
    assert ask(app).headers["vary"] == "Accept-Language, Cookie"
    assert "vary" not in ask(app, path="/assets/a.js").headers


def test_a_visitor_switches_the_language_and_keeps_the_look(visitor):
    page = visitor(locale="de-DE").new_page()
    page.goto("/?style=hokusai-poppies")
    page.wait_for_selector("#style-row button[aria-pressed=true]")
    assert page.get_attribute("html", "lang") == "de"
    page.click(".languages summary")
    page.click(".languages a[lang=fr]")
    page.wait_for_function("document.documentElement.lang === 'fr'")
    page.wait_for_selector("#style-row button[aria-pressed=true]")
    assert page.url.endswith("/?style=hokusai-poppies")
    page.goto("/")
    page.wait_for_selector("#go")
    assert page.title() == languages()["fr"].TITLE
    assert page.evaluate("navigator.language") == "fr"  # by which Gradio chooses its own texts
