"""The gate around a small app: what comes through, and what the answers carry."""

import asyncio
import json

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.routing import Route

from styletransfer.page.gate.addresses import networks
from styletransfer.page.gate.calls import Calls, Function
from styletransfer.page.gate.gate import Gate
from styletransfer.page.gate.rules import Rules
from tests.support.asgi import ask, asked, scope_of
from tests.support.coroutines import run

API = "/gradio_api"
JOIN = {"method": "POST", "path": f"{API}/queue/join"}


def echo(request: Request) -> JSONResponse:
    return JSONResponse({"client": request.client.host, "headers": dict(request.headers)})


async def told(request: Request) -> JSONResponse:
    return JSONResponse(await request.json())


async def size(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


def page(request: Request) -> HTMLResponse:
    return HTMLResponse(
        "<script>1</script><script src=a></script>", headers={"access-control-allow-origin": "*"}
    )


def file(request: Request) -> PlainTextResponse:
    asked = request.headers.get("range", "")
    return PlainTextResponse(asked, headers={"x-secret": "1", "cookie": "1", "etag": "x"})


APP = Starlette(
    routes=[
        Route("/", page),
        Route("/config", echo),
        Route(f"{API}/file={{path:path}}", file),
        Route(f"{API}/queue/data", echo),
        Route(f"{API}/queue/join", told, methods=["POST"]),
        Route(f"{API}/run/predict", told, methods=["POST"]),
        Route(f"{API}/call/v2/stylize", told, methods=["POST"]),
        Route(f"{API}/upload", size, methods=["POST"]),
        Route(
            "/picture/a",
            lambda _: HTMLResponse("", headers={"content-security-policy": "default-src 'none'"}),
        ),
    ]
)


CALLS = Calls({0: Function(False, 1), 1: Function(True, 1)}, ("content", "size"))


def gate(**rules) -> Gate:
    return Gate(APP, Rules(**rules), CALLS)


def joined(value, app=None, **request):
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return ask(app or gate(), **JOIN, chunks=[body[:7], body[7:]], **request)


CALL = {"data": [1], "fn_index": 1, "session_hash": "abc1"}


def test_a_call_arrives_as_it_was_sent():
    answer = joined(CALL)
    assert answer.status == 200
    assert json.loads(answer.body) == CALL


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (CALL | {"fn_index": 2}, 400),
        (CALL | {"fn_index": [1]}, 400),
        (CALL | {"fn_index": None}, 400),
        (CALL | {"fn_index": True}, 400),
        (CALL | {"data": []}, 400),
        (CALL | {"batched": True}, 400),
        (CALL | {"data": None}, 400),
        (CALL | {"data": {"0": 1}}, 400),
        (CALL | {"data": [{"path": "/x.png", "meta": "x"}]}, 400),
        (CALL | {"data": [{"path": "/x\0.png"}]}, 400),
        (CALL | {"session_hash": "x" * 65}, 400),
        (CALL | {"session_hash": {"a": 1}}, 400),
        (CALL | {"data": [{"path": "http://example.org/x.png"}]}, 403),
        (CALL | {"data": "x" * 1_000_000}, 413),
        (b"[" * 100, 400),
        (b"fn_index=1&session_hash=a", 400),
    ],
)
def test_a_call_that_the_page_would_not_send_is_refused(value, status):
    answer = joined(value)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.body)["detail"].endswith(".")


def test_what_waits_in_the_queue_cannot_be_called_around_it():
    now = {"method": "POST", "path": f"{API}/run/predict"}
    status = [
        ask(gate(), **now, chunks=[json.dumps(CALL | {"fn_index": n}).encode()]).status for n in (0, 1)
    ]
    assert status == [200, 400]
    assert joined(CALL | {"fn_index": 0}).status == 200


def test_a_misspelt_parameter_is_named_beside_those_that_there_are():
    named = {"method": "POST", "path": f"{API}/call/v2/stylize"}
    assert ask(gate(), **named, chunks=[b'{"size": 128}']).status == 200
    answer = ask(gate(), **named, chunks=[b'{"siz": 128}'])
    detail = "'siz' is not a parameter here. There are content, size."
    assert (answer.status, json.loads(answer.body)["detail"]) == (400, detail)
    in_order = {"method": "POST", "path": f"{API}/call/stylize"}
    assert [ask(gate(), **in_order, chunks=[body]).status for body in (b'{"data": [1]}', b"{}")] == [
        400
    ] * 2


def test_a_refusal_is_said_in_the_visitors_language():
    answer = ask(gate(), path="/nothing", headers={"accept-language": "de"})
    assert (answer.status, answer.text) == (404, "Unter dieser Adresse gibt es nichts.\n")


def test_a_body_that_is_cut_off_closes_the_connection():
    assert joined(CALL | {"data": "x" * 1_000_000}).headers["connection"] == "close"


def test_other_servers_names_and_other_websites_are_refused():
    assert ask(gate(), headers={"host": "evil.test"}).status == 421
    assert joined(CALL, headers={"origin": "http://evil.test"}).status == 403
    assert joined(CALL, headers={"origin": "http://127.0.0.1:7860"}).status == 200


def test_the_app_sees_the_visitors_address():
    proxies = networks(["10.0.0.0/8"])
    request = {"path": "/config", "headers": {"x-forwarded-for": "1.1.1.1, 198.51.100.1"}}
    answer = ask(gate(trusted_proxies=proxies), **request, client="10.0.0.1")
    assert json.loads(answer.body)["client"] == "198.51.100.1"
    answer = ask(gate(), **request, client="10.0.0.1")
    assert json.loads(answer.body)["client"] == "10.0.0.1"
    assert "x-forwarded-for" not in json.loads(answer.body)["headers"]


def test_a_path_under_a_proxys_prefix_has_the_same_doors():
    app = Gate(APP, prefix="/paint")
    assert ask(app, path="/paint/config").status == 404  # the app itself does not know the prefix here
    assert ask(app, path="/paint/nothing").text == "There is nothing at this address.\n"


def test_each_address_has_its_own_limit_of_requests():
    app = gate(requests=3, actions=2)
    assert [ask(app, path="/config").status for _ in range(4)] == [200, 200, 200, 429]
    assert ask(app, path="/config", client="203.0.113.6").status == 200
    answer = ask(app, path="/config")
    assert int(answer.headers["retry-after"]) == 20


def test_whole_pages_are_counted_by_themselves():
    app = gate(loads=2)
    whole = ["/", "/config", "/gradio_api/info"]
    assert [ask(app, path=path).status for path in whole] == [200, 200, 429]
    assert ask(app, path="/", client="203.0.113.6").status == 200
    assert ask(app, path="/runs/Ab-1_x").status == 404  # which programs ask for again and again


def test_actions_and_sessions_are_counted_by_themselves():
    app = gate(actions=2)
    assert [joined(CALL, app).status for _ in range(3)] == [200, 200, 429]
    app = gate(sessions=2)
    names = ["a", "b", "a", "c", "b"]
    assert [joined(CALL | {"session_hash": name}, app).status for name in names] == [
        200,
        200,
        200,
        429,
        200,
    ]


@pytest.mark.parametrize(
    ("path", "wanted"), [("/watch/a", [200, 200, 200]), (f"{API}/heartbeat/a", [200, 200, 429])]
)
def test_a_tab_has_a_limit_of_streams_and_a_job_that_many_watch_has_not(path, wanted):
    async def streams():
        end = asyncio.Event()

        async def stream(scope, receive, send):
            await end.wait()
            await PlainTextResponse("")(scope, receive, send)

        app = Gate(stream, Rules(streams_a_session=2))
        answers = [asyncio.create_task(asked(app, scope_of(path=path))) for _ in range(3)]
        for _ in range(9):
            await asyncio.sleep(0)  # until all of them are held or refused
        end.set()
        return [answer.status for answer in await asyncio.gather(*answers)]

    assert run(streams()) == wanted


def test_one_ipv6_household_is_one_visitor():
    app = gate(requests=1)
    assert ask(app, path="/config", client="2001:db8::1").status == 200
    assert ask(app, path="/config", client="2001:db8::2").status == 429


def test_uploads_are_counted_in_bytes():
    app = gate(upload_bytes=100, file_bytes=1000)
    kind = {"content-type": "multipart/form-data; boundary=a"}
    request = {"method": "POST", "path": f"{API}/upload", "headers": kind}
    sixty = [b"x" * 55 + b"--a--"]
    assert ask(app, **request, chunks=sixty).text == "60"
    assert ask(app, **request, chunks=sixty).status == 429
    assert ask(app, **request, chunks=sixty, client="203.0.113.6").text == "60"
    assert ask(gate(file_bytes=10, files=1), **request, chunks=[b"x" * 999_999] * 2).status == 413


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data; boundary=a", b""),
        ("multipart/form-data; boundary=a", b'--a\r\nContent-Disposition: form-data; name="files"'),
        ("multipart/form-data; boundary=a", b"--a\r\n\r\nx\r\n--a\r\n"),
        (f"multipart/form-data; boundary={'a' * 71}", b"--" + b"a" * 71 + b"--\r\n"),
        ("multipart/form-data; boundary=", b"----\r\n"),
        ("multipart/form-data", b"--a--\r\n"),
        ("application/json; boundary=a", b"--a--\r\n"),
        ("", b"--a--\r\n"),
    ],
)
def test_what_is_no_whole_form_is_no_upload(kind, body):
    request = {"method": "POST", "path": f"{API}/upload", "headers": {"content-type": kind}}
    answer = ask(gate(), **request, chunks=[body[:9], body[9:]])
    assert (answer.status, json.loads(answer.body)["code"]) == (400, "upload_malformed")


def test_the_page_runs_no_scripts_but_its_own():
    answer = ask(gate(), headers={"accept-encoding": "gzip"})
    policy = answer.headers["content-security-policy"]
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    assert answer.text == f'<script nonce="{nonce}">1</script><script nonce="{nonce}" src=a></script>'
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert len(nonce) >= 20
    assert nonce not in ask(gate()).text
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe-inline" not in scripts
    assert "http" not in policy


@pytest.mark.parametrize(
    "path", ["/", "/config", f"{API}/file=/x.png", "/picture/a", "/nothing", f"{API}/none"]
)
def test_every_answer_says_what_the_browser_may_do_with_it(path):
    headers = ask(gate(), path=path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src" in headers["content-security-policy"]
    assert headers.getlist("content-security-policy")[-1] == "frame-ancestors 'self'"
    assert headers["referrer-policy"] == "same-origin"
    assert "permissions-policy" in headers
    assert not [name for name in headers if name.startswith("access-control-")]


def test_who_may_frame_the_page_is_the_owners_choice():
    answer = ask(gate(frame_ancestors=("'self'", "https://example.org")))
    assert (
        answer.headers.getlist("content-security-policy")[-1]
        == "frame-ancestors 'self' https://example.org"
    )


def test_a_file_is_in_a_sandbox_and_carries_no_other_headers():
    headers = ask(gate(), path=f"{API}/file=/x.png").headers
    assert "sandbox" in headers["content-security-policy"]
    assert headers["etag"] == "x"
    assert "x-secret" not in headers
    assert "cookie" not in headers


@pytest.mark.parametrize(
    ("asked", "passed"),
    [
        ("bytes=0-9", "Bytes=0-9"),
        ("bytes=5-", "Bytes=5-"),
        ("bytes=-5", "Bytes=-5"),
        ("bytes=1-2-3", ""),
        ("bytes=0-0,2-3", ""),
        ("bytes=-", ""),
        ("bytes=9-1", ""),
        ("bytes=a-b", ""),
        ("lines=1-2", ""),
        ("bytes=\u00b2-\u00b3", ""),
    ],
)
def test_only_a_plain_range_is_passed_on(asked, passed):
    scope_headers = {"range": asked}
    assert ask(gate(), path=f"{API}/file=/x.png", headers=scope_headers).text == passed


def test_the_page_has_no_websockets():
    sent = []

    async def send(message):
        sent.append(message)

    run(gate()({"type": "websocket", "path": "/", "headers": []}, None, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_the_tool_for_assistants_is_there_only_if_the_owner_wants_it():
    call = {"method": "POST", "path": "/mcp", "chunks": [b"{}"]}
    app = Starlette(routes=[Route("/mcp", told, methods=["POST"])])
    assert ask(Gate(app), **call).status == 404
    open_gate = Gate(app, Rules(mcp=True, tool_bytes=100))
    assert ask(open_gate, **call).status == 200
    assert ask(open_gate, **call | {"method": "GET"}).status == 405
    assert ask(open_gate, **call | {"chunks": [b'"' + b"x" * 100 + b'"']}).status == 413
    assert ask(open_gate, **call | {"chunks": [b"[" * 50 + b"]" * 50]}).status == 400
    foreign = {"headers": [("origin", "http://evil.test")]}
    assert ask(open_gate, **call | foreign).status == 403
    assert ask(Gate(app, Rules(mcp=True, accounts={"ann": "x"})), **call).status == 401
    busy = Gate(app, Rules(mcp=True, actions=1))
    assert [ask(busy, **call).status for _ in range(2)] == [200, 429]


def test_calls_of_the_tool_are_few_at_a_time():
    async def many():
        begun, end = asyncio.Semaphore(0), asyncio.Event()

        async def waits(_):
            begun.release()
            await end.wait()
            return PlainTextResponse("")

        gate = Gate(Starlette(routes=[Route("/mcp", waits, methods=["POST"])]), Rules(mcp=True))
        call = scope_of(method="POST", path="/mcp")
        held = [asyncio.create_task(asked(gate, call, [b"{}"])) for _ in range(5)]
        for _ in held:
            await begun.acquire()
        refused = await asked(gate, call, [b"{}"])
        other = asyncio.create_task(asked(gate, call | {"client": ("203.0.113.6", 1)}, [b"{}"]))
        await begun.acquire()
        end.set()
        return [(await each).status for each in held], refused.status, (await other).status

    assert run(many()) == ([200] * 5, 429, 200)


def test_a_form_may_have_a_part_for_each_parameter_and_no_more():
    app = Starlette(routes=[Route("/runs", size, methods=["POST"])])
    gate = Gate(app, Rules(), Calls({}, ["content", "style", "size"]))
    kind = [("content-type", "multipart/form-data; boundary=x")]
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    post = {"method": "POST", "path": "/runs", "headers": kind}
    assert ask(gate, **post, chunks=[part * 3 + b"--x--\r\n"]).status == 200
    answer = ask(gate, **post, chunks=[part * 4 + b"--x--\r\n"])
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (413, "too_many_files")
    assert ask(gate, **post, chunks=[part]).status == 400
    foreign = {"headers": [*kind, ("origin", "http://evil.test")]}
    assert ask(gate, **post | foreign, chunks=[part + b"--x--\r\n"]).status == 403


@pytest.mark.parametrize("path", ["/runs/a/b/c", "/runs", "/mcp", f"{API}/info"])
def test_programs_are_refused_in_json_with_code_and_fields(path):
    answer = ask(Gate(APP), method="TRACE", path=path)
    error = json.loads(answer.body)["error"]
    assert error["code"] in {"method_not_taken", "nothing_here"}
    assert error["message"]
    if error["code"] == "method_not_taken":
        assert error["fields"] == {"method": "TRACE"}


def test_every_refusal_is_told_by_its_code():
    gate, told = Gate(APP), []
    gate.on_refused = told.append
    ask(gate, path="/nowhere")
    ask(gate, headers=[("host", "evil.test")])
    assert told == ["nothing_here", "host_unknown"]


def test_whether_the_server_can_paint_is_told_without_a_password():
    app = Starlette(routes=[Route("/healthz", page)])
    assert ask(Gate(app, Rules(accounts={"ann": "x"})), path="/healthz").status == 200


def test_questions_that_wait_count_as_streams():
    async def many():
        begun, end = asyncio.Event(), asyncio.Event()

        async def waits(_):
            begun.set()
            await end.wait()
            return PlainTextResponse("")

        gate = Gate(Starlette(routes=[Route("/runs/a", waits)]), Rules(streams=1))
        first = asyncio.create_task(asked(gate, scope_of(path="/runs/a")))
        await begun.wait()
        second = await asked(gate, scope_of(path="/runs/a"))
        end.set()
        return (await first).status, second.status

    assert run(many()) == (200, 429)
