// The page's line to Gradio, which may break: the server is started anew, a proxy has had enough, a laptop
// slept. Gradio's own page then hears no press any more and loads itself anew, without what was filled in.
// Or it believes that its stream of events is still open, and hears no answer. So it hears nothing of a
// broken line. What is pressed meanwhile waits here until the server answers. A stream that breaks off ends
// as the server would have ended it, and what it had still to tell ends as an event that has failed.
const AGAIN = 2000; // milliseconds between two looks whether the server is there
const PATIENCE = 10000; // for the answer whether it is
const SILENCE = 60000; // the server gives a sign of life every 15 seconds
const READ = 10000; // how long it is said that the line is back
const FAREWELL = 100; // before a server is asked again that takes leave with an answer to come
const TRIES = 3; // of a request that fails although the server is there

const fetched = window.fetch.bind(window);
const api = `${location.origin}${location.pathname.replace(/\/$/, "")}/gradio_api`;
const pause = (time) => new Promise((done) => setTimeout(done, time));
const inTime = (promise, time) =>
  new Promise((done, fail) => {
    const late = setTimeout(fail, time);
    promise.then(done, fail).finally(() => clearTimeout(late));
  });
// A proxy answers for a server that is away, but not in JSON.
const isAway = ({ status, headers }) =>
  status >= 502 && status <= 504 && !headers.get("content-type")?.includes("json");

const notice = document.createElement("p");
notice.id = "line";
notice.role = "alert";
const say = (sentence) => {
  if (notice.textContent === sentence) return;
  notice.textContent = sentence;
  if (sentence) document.body.append(notice);
  else notice.remove();
};

const isThere = async () => {
  try {
    return !isAway(await inTime(fetched(`${api}/app_id`, { cache: "no-store" }), PATIENCE));
  } catch {
    return false;
  }
};
let returning; // a promise, while it is not known that the server is there
const returned = () => {
  returning ??= (async () => {
    while (!(await isThere())) {
      say(LINE_LOST);
      await pause(AGAIN);
    }
    say("");
    returning = undefined;
  })();
  return returning;
};

// What was handed in may be gone with the server that had it. kept_choices.js hands it in once more.
const handedInAgain = async (body) => {
  const moved = (await window.choices?.handInAgain?.()) ?? [];
  return moved.reduce((text, [old, path]) => text.replaceAll(quoted(old), quoted(path)), body);
};
const quoted = (path) => JSON.stringify(path).slice(1, -1);

// Sends something to the server, as soon as that is there. It may be another server by then, with another
// page: guarded.py refuses what this page does not know.
const held = async (request, options, written = (body) => body) => {
  const headers = new Headers(options.headers);
  headers.set("x-page", window.gradio_config?.app_id ?? "");
  let { body } = options;
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      const answer = await fetched(request, { ...options, headers, body: written(body) });
      if (!isAway(answer)) return answer;
    } catch (error) {
      if (error?.name === "AbortError") throw error;
    }
    await returned();
    if (typeof body === "string") body = await handedInAgain(body);
  }
  return refusal(LINE_BACK);
};
const refusal = (sentence) => Response.json({ detail: sentence, error: sentence }, { status: 502 });

// After a break the page has a new session. In the old one the server may still write to the broken stream.
let session = 0;
const renewed = (hash) => (session ? `${hash}-${session}` : hash);
const waiting = new Map(); // the ids of events that have not been answered to the end, with their kinds
const early = new Set(); // and of those that were, before it was known that they are events of this page
let joining; // is called when an event begins to wait

// Sends an event: the press of a button, or whatever else the server is to answer by the stream. One that has
// given way to a newer one is answered here: everything stays as it is.
const joined = async (request, options) => {
  const { fn_index: kind } = JSON.parse(options.body);
  if (!(await window.newest.turn(kind))) return unchanged();
  let id;
  try {
    const answer = await sent(request, options);
    if (answer.ok) ({ event_id: id } = await answer.clone().json());
    return answer;
  } finally {
    if (!id || early.delete(id)) window.newest.answered(kind);
    else waiting.set(id, kind);
    if (waiting.size) joining?.();
  }
};
const sent = async (request, options) => {
  const hash = /(?<="session_hash":")[^"]*/;
  let from;
  const answer = await held(request, options, (body) => {
    from = session;
    return body.replace(hash, renewed);
  });
  return session === from ? answer : refusal(LINE_BACK);
};
let outdated = 0;
const unchanged = () => {
  outdated += 1;
  const id = `outdated-${outdated}`;
  const told = { msg: "process_completed", event_id: id, success: true, output: { data: [] } };
  streaming.then((tell) => tell(told));
  return Response.json({ event_id: id });
};
const answered = (id) => {
  window.newest.answered(waiting.get(id));
  return waiting.delete(id);
};

// Passes on what a stream tells, and returns whether the server has ended it.
const listened = async (request, tell) => {
  const url = new URL(request.url);
  url.searchParams.set("session_hash", renewed(url.searchParams.get("session_hash")));
  let reader;
  try {
    const answer = await fetched(new Request(url, request));
    if (!answer.ok) return false;
    reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; ; ) {
      const { done, value } = await inTime(reader.read(), SILENCE);
      if (done) return false;
      const parts = (text + value).split("\n\n");
      text = parts.pop();
      for (const message of parts.map((part) => JSON.parse(part.replace("data: ", "")))) {
        const { msg, event_id: id } = message;
        if (msg === "close_stream") return true;
        if (msg === "unexpected_error" && !id) return false; // such as: the server ends, or knows no such session
        if (msg === "process_completed" && !answered(id)) early.add(id);
        tell(message);
      }
    }
  } catch {
    return false;
  } finally {
    reader?.cancel().catch(() => {});
  }
};

const recovered = async () => {
  await returned();
  say(LINE_BACK);
  setTimeout(() => notice.textContent === LINE_BACK && say(""), READ);
  window.dispatchEvent(new Event("line-back"));
};

// Gradio's one stream for as long as the page is open, whatever becomes of the server's. The server ends its own
// whenever it has nothing left to answer. If Gradio heard of that, it would not listen to the answer of an event that
// it was just sending: the press of a button would be lost.
const followed = async (request, tell) => {
  for (;;) {
    if (!waiting.size) await new Promise((joins) => (joining = joins));
    if (await listened(request, tell)) {
      if (waiting.size) await pause(FAREWELL);
      continue;
    }
    session += 1;
    const failed = { msg: "process_completed", success: false, output: { error: "", visible: false } };
    if (waiting.size) recovered();
    for (const id of [...waiting.keys()]) {
      tell({ ...failed, event_id: id });
      answered(id);
    }
    early.clear();
  }
};
let opened;
const streaming = new Promise((opens) => (opened = opens)); // of the function that writes into Gradio's stream
const streamed = (request) => {
  const { readable, writable } = new TransformStream();
  const writer = writable.getWriter();
  const bytes = new TextEncoder();
  const tell = (message) =>
    writer.write(bytes.encode(`data: ${JSON.stringify(message)}\n\n`)).catch(() => {});
  followed(request, tell);
  opened(tell);
  return new Response(readable, { headers: { "Content-Type": "text/event-stream" } });
};

window.fetch = async (request, options) => {
  const path = String(request?.url ?? request).split("?")[0];
  if (path === `${api}/queue/data`) return streamed(new Request(request, options));
  if (path === `${api}/queue/join`) return joined(request, options);
  if (path.startsWith(`${api}/run/`) || path === `${api}/upload`) return held(request, options);
  return fetched(request, options);
};
