// Watches the job on the placard by server-sent events from /watch/<job>, until it has ended. What is new
// goes to Gradio's components by the event "news", which stays in the browser. At the end "settle" asks the
// server for everything else.
const root = location.origin + location.pathname.replace(/\/$/, "");
const PATIENCE = 2000; // milliseconds until a lost connection is spoken of
const AGAIN = 3000;
const SILENCE = 25000; // the server gives a sign of life every ten seconds
let job, source, settled, losing, silent;
let shown = {};
let newest, loading; // of the pictures that are painted
window.news = [];

const tell = (news) => {
  window.news.push(news);
  trigger("news", {});
};

const hush = () => {
  source?.close();
  clearTimeout(losing);
  clearTimeout(silent);
  losing = silent = undefined;
};

const leave = () => {
  hush();
  source = job = newest = undefined;
  shown = {};
  window.news = [];
};

const card = () => element.querySelector(".placard[data-job]");
const isGoingOn = (id) => card()?.dataset.job === id && card().matches(".waiting, .painting");

const settle = (id, how) => {
  trigger("settle", { job: id, how });
  setTimeout(() => isGoingOn(id) && settle(id, how), SILENCE);
};

const sayLost = () => {
  if (!card()) return;
  const lost = card().cloneNode(true);
  for (const part of lost.querySelectorAll(".when, .spoken")) part.textContent = LOST;
  shown.status = undefined;
  tell({ status: lost.outerHTML });
};

// A picture is told of when it is there, and the next one is asked for only then: on a slow line a picture that takes longer
// than the next step would never be seen.
const load = () => {
  if (loading || !newest) return;
  const [url, of] = [newest, job];
  newest = undefined;
  loading = new Image();
  loading.onload = loading.onerror = () => {
    loading = undefined;
    if (of === job) tell({ picture: { path: url, url } });
    load();
  };
  loading.src = url;
};

const hear = (event) => {
  const { status, picture, sheet } = JSON.parse(event.data);
  const news = {};
  if (status !== shown.status) news.status = status;
  if (sheet !== shown.sheet) news.sheet = sheet;
  if (picture !== shown.picture) {
    newest = `${root}/watch/${job}/${picture}.jpeg`;
    load();
  }
  shown = { status, picture, sheet };
  tell(news);
};

const open = () => {
  hush();
  const stream = new EventSource(`${root}/watch/${job}`);
  source = stream;
  const alive = () => {
    clearTimeout(losing);
    clearTimeout(silent);
    losing = undefined;
    silent = setTimeout(() => {
      sayLost();
      open();
    }, SILENCE);
  };
  stream.onopen = alive;
  stream.addEventListener("alive", alive);
  stream.addEventListener("renew", open);
  stream.onmessage = (event) => {
    alive();
    hear(event);
  };
  stream.addEventListener("over", (event) => {
    settled = job;
    leave();
    settle(settled, event.data);
  });
  stream.onerror = () => {
    losing ??= setTimeout(sayLost, PATIENCE);
    // The browser tries again by itself, but not after an answer such as 502.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => stream === source && open(), AGAIN);
  };
  // Also where the browser never gets as far as an error.
  silent = setTimeout(() => stream === source && open(), SILENCE);
};

const follow = () => {
  const id = card()?.dataset.job;
  if (id && id === job) return;
  leave();
  if (!id || id === settled || !isGoingOn(id)) return;
  job = id;
  open();
};
// With the line an answer was lost: to a press of Paint, or what is shown beside a finished picture.
window.addEventListener("line-back", () => {
  const { ticket, job: id } = element.querySelector(".placard")?.dataset ?? {};
  if (ticket) settle(ticket, "unanswered");
  else if (id && !isGoingOn(id)) settle(id, "shown");
});
watch("value", follow);
follow();
