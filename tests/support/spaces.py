"""A stand-in for the Hugging Face Hub as far as Spaces are made and filled on it, over real HTTP.

It keeps what it is sent as the Hub does: pictures by LFS under their SHA-256, other files by the commit.
"""

import base64
import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WRITER, READER = "hf_writer", "hf_reader"  # tokens; a reader may not change anything


@dataclass
class Space:
    """One Space: its files by path, and what else is known of it."""

    files: dict[str, bytes] = field(default_factory=lambda: {".gitattributes": b"", "README.md": b"new"})
    sdk: str = "gradio"
    private: bool = False
    hardware: str = "cpu-basic"
    stage: str = "RUNNING"
    commits: int = 0


class Spaces(ThreadingHTTPServer):
    """The server.

    Attributes:
        spaces: by name.
        stored: what has been sent by LFS, by SHA-256.
        uploads: how many files have been sent by LFS.
        answers: a status for requests whose path matches this expression, in place of the right answer.
        silent: requests whose path matches this expression get no answer: the connection ends.
        waiting: set when one has come whose path matches `hangs`, and that is answered when all is over.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.spaces: dict[str, Space] = {}
        self.stored: dict[str, bytes] = {}
        self.uploads = 0
        self.answers: dict[str, int] = {}
        self.silent = self.hangs = "(?!)"
        self.waiting, self.over = threading.Event(), threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def close(self) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except ConnectionError:  # the client has what it wanted
            self.close_connection = True

    def do_GET(self):
        self._take()

    def do_POST(self):
        self._take()

    def do_PUT(self):
        self._take()

    def _take(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if re.search(self.server.silent, self.path):
            self.close_connection = True
            return
        if re.search(self.server.hangs, self.path):
            self.server.waiting.set()
            self.server.over.wait()
        for path, status in self.server.answers.items():
            if re.search(path, self.path):
                self._send(status, {"error": "as the test wants it"})
                return
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if not self.path.startswith("/lfs/") and token not in (WRITER, READER):
            self._send(401, {"error": "Invalid credentials in Authorization header"})
        elif self.command != "GET" and token == READER:
            self._send(403, {"error": "this token may only read"})
        else:
            self._route(body)

    def _route(self, body):
        routes = {
            r"POST /api/repos/create": self._create,
            r"POST /api/validate-yaml": lambda _: self._send(200, {"errors": [], "warnings": []}),
            r"GET /api/spaces/(.+?)(/revision/main)?": self._tell,
            r"PUT /api/spaces/(.+)/settings": self._set,
            r"POST /api/spaces/(.+)/preupload/main": self._say_how,
            r"POST /spaces/(.+)\.git/info/lfs/objects/batch": self._say_where,
            r"PUT /lfs/(\w+)": self._store,
            r"POST /api/spaces/(.+)/commit/main": self._commit,
            r"POST /api/spaces/(.+)/hardware": self._upgrade,
        }
        for route, method in routes.items():
            if found := re.fullmatch(route, f"{self.command} {self.path.partition('?')[0]}"):
                method(body, *found.groups()[:1])
                return
        self._send(404, {"error": f"no {self.command} {self.path}"})

    def _create(self, body):
        wanted = json.loads(body)
        name = f"{wanted['organization']}/{wanted['name']}"
        url = f"{self.server.url}/spaces/{name}"
        if wanted["type"] != "space":
            self._send(400, {"error": "only Spaces here"})
        elif name in self.server.spaces:
            self._send(409, {"error": "You already created this space repo", "url": url})
        else:
            private = wanted.get("visibility") == "private" or bool(wanted.get("private"))
            self.server.spaces[name] = Space(sdk=wanted["sdk"], private=private)
            self._send(200, {"url": url})

    def _tell(self, _, name):
        space = self.server.spaces.get(name)
        if space is None:
            self._send(404, {"error": "Repository not found"})
            return
        siblings = [{"rfilename": path} for path in space.files]
        known = {"id": name, "sha": f"{space.commits:040}", "sdk": space.sdk, "private": space.private}
        runtime = {"stage": space.stage, "hardware": {"current": space.hardware}}
        self._send(200, known | {"siblings": siblings, "runtime": runtime})

    def _set(self, body, name):
        wanted = json.loads(body)
        self.server.spaces[name].private = wanted.get("visibility") == "private" or wanted.get("private")
        self._send(200, {})

    def _say_how(self, body, name):
        files = self.server.spaces[name].files
        answers = []
        for each in json.loads(body)["files"]:
            by_lfs = b"\0" in base64.b64decode(each["sample"])
            there = files.get(each["path"])
            oid = None if there is None else (_sha256 if by_lfs else _git_hash)(there)
            mode = "lfs" if by_lfs else "regular"
            answers.append({"path": each["path"], "uploadMode": mode, "shouldIgnore": False, "oid": oid})
        self._send(200, {"files": answers})

    def _say_where(self, body, _):
        objects = json.loads(body)["objects"]
        for each in objects:
            if each["oid"] not in self.server.stored:
                each["actions"] = {"upload": {"href": f"{self.server.url}/lfs/{each['oid']}"}}
        self._send(200, {"transfer": "basic", "objects": objects})

    def _store(self, body, oid):
        if _sha256(body) != oid:
            self._send(400, {"error": "another file"})
            return
        self.server.stored[oid] = body
        self.server.uploads += 1
        self._send(200, {})

    def _commit(self, body, name):
        space = self.server.spaces[name]
        for line in body.splitlines():
            item = json.loads(line)
            value = item["value"]
            if item["key"] == "file":
                space.files[value["path"]] = base64.b64decode(value["content"])
            elif item["key"] == "lfsFile":
                space.files[value["path"]] = self.server.stored[value["oid"]]
            elif item["key"] == "deletedFile":
                del space.files[value["path"]]
        space.commits += 1
        oid = f"{space.commits:040}"
        self._send(200, {"commitUrl": f"{self.server.url}/spaces/{name}/commit/{oid}", "commitOid": oid})

    def _upgrade(self, body, name):
        self.server.spaces[name].hardware = flavour = json.loads(body)["flavor"]
        hardware = {"current": "cpu-basic", "requested": flavour}
        self._send(200, {"stage": "BUILDING", "hardware": hardware, "storage": None})

    def _send(self, status, answer):
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if "error" in answer:
            self.send_header("X-Error-Message", answer["error"])
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _git_hash(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
