// Keeps what is chosen in this browser, pictures too, so that a reload or another server loses nothing of it: one
// record for each tab, for as long as the server keeps uploads. Where nothing can be stored, nothing is.
const DATABASE = "styletransfer";
const STORE = "choices";
const PAUSE = 400; // milliseconds after the first change that is not kept yet
let keeping = false; // not before what was kept is back
let waiting;
let pictures = new Map(); // the kept files by their paths

const isPicture = (value) => value !== null && typeof value === "object" && value.path;
const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
let database;
const store = async () => {
  if (!database) {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "tab" });
    database = done(opening);
  }
  return (await database).transaction(STORE, "readwrite").objectStore(STORE);
};

const look = () => {
  const asked = new URLSearchParams(location.search);
  return LINK_NAMES.map((name) => asked.get(name) ?? "")
    .join("\n")
    .trim();
};
const card = () => document.querySelector(".placard[data-job]");

const file = async ({ path, url }) => {
  if (pictures.has(path)) return pictures.get(path);
  const answer = await fetch(url);
  return answer.ok ? answer.blob() : undefined;
};
const keep = async (values) => {
  const files = new Map();
  for (const value of values.filter(isPicture)) files.set(value.path, await file(value));
  pictures = files;
  const changed = "changed" in element.closest("#studio").dataset;
  const kept = { values, files, changed, job: card()?.dataset.job, look: look(), at: Date.now() };
  await done((await store()).put({ tab: window.remembered.tab, ...kept }));
};
const attempt = (promise) => promise.catch(() => {}); // private windows, a full disk

// A picture that the server no longer has is handed in once more.
const again = new Map(); // from the path of such a picture to what it is now
const handedIn = async (value) => {
  if (!isPicture(value)) return value;
  const isThere = async ({ url }) => (await fetch(url, { method: "HEAD" })).ok;
  if (await isThere(value)) return value;
  const sent = again.get(value.path);
  if (sent && (await isThere(sent))) return sent;
  const kept = pictures.get(value.path);
  if (!kept) return null;
  const name = value.orig_name ?? value.path.split(/[\\/]/).pop();
  const now = { ...value, ...(await upload(new File([kept], name, { type: kept.type }))) };
  pictures.set(now.path, kept);
  again.set(value.path, now);
  return now;
};
// The same for an open page, after another server has come. Returns the old and the new path of each picture.
let handing;
const handInAgain = async () => {
  const old = window.choices.now();
  const values = await Promise.all(old.map(async (value) => (await handedIn(value)) ?? value));
  const moved = old
    .map((value, place) => [value?.path, values[place]?.path])
    .filter(([before, after]) => before !== after);
  if (moved.length) window.choices.bring(values);
  return moved;
};
window.choices.handInAgain = () => {
  handing ??= attempt(handInAgain()).finally(() => {
    handing = undefined;
  });
  return handing;
};

const found = async () => {
  const all = await done((await store()).getAll());
  const late = all.filter(({ at }) => Date.now() - at > KEPT);
  for (const { tab } of late) (await store()).delete(tab);
  return all.find((record) => record.tab === window.remembered.tab && !late.includes(record));
};
// A picture that is shown comes back with what it was made from, unless that was changed afterwards; and a link brings
// its own look.
const isWanted = (record) =>
  record.values.length === COUNT && // an older page had others
  (!card() || (record.changed && record.job === card().dataset.job)) &&
  (!look() || look() === record.look);

const recall = async () => {
  const record = await found();
  if (!record || !isWanted(record)) return;
  pictures = record.files;
  const values = await Promise.all(record.values.map(handedIn));
  // What was kept comes late on a slow line, and replaces nothing that the visitor has chosen meanwhile.
  if (!window.choices.touched) window.choices.bring(values);
};

// What is told meanwhile is kept along: Gradio tells again and again, so that it would never be quiet for long.
const later = () => {
  if (keeping) waiting ??= setTimeout(kept, PAUSE);
};
const kept = () => {
  waiting = undefined;
  attempt(keep(window.choices.now()));
};
window.choices.keep = later;
window.choices.recall = async () => {
  await attempt(recall());
  keeping = true;
};
window.choices.erase = () => {
  clearTimeout(waiting);
  waiting = undefined;
  pictures = new Map();
  attempt(store().then((all) => all.clear()));
};
if (window.recallChoices) window.choices.recall();
