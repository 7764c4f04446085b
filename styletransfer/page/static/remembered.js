// What this browser remembers of its pictures and favourite paintings. Where it stores nothing, as with site data blocked or in a
// sandboxed frame, the page itself remembers, for the length of the visit.
const here = new Map();
let stores = true;

const read = (area, key) => {
  try {
    if (stores) return window[area].getItem(key);
  } catch {
    stores = false;
  }
  return here.get(key) ?? null;
};
const write = (area, key, value) => {
  here.set(key, value);
  try {
    if (stores) window[area].setItem(key, value);
  } catch {
    stores = false;
  }
};

// Anything may stand there: other versions of this page and other pages of the same address write, too.
const isId = (value) => typeof value === "string" && /^[\w-]{1,64}$/.test(value);
const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const list = (key) => {
  const ids = parsed(read("localStorage", key));
  return Array.isArray(ids) ? ids.filter(isId) : [];
};

window.remembered = {
  // The id of the job that this tab shows.
  get own() {
    const id = read("sessionStorage", JOB_KEY);
    return isId(id) ? id : null;
  },
  set own(id) {
    write("sessionStorage", JOB_KEY, id);
  },
  // The keys of the paintings that this browser has shared, the newest first.
  get shared() {
    return list(SHARED_KEY);
  },
  set shared(keys) {
    write("localStorage", SHARED_KEY, JSON.stringify(keys.slice(0, 200)));
  },
  // The files of strokes that this tab has uploaded, the newest last.
  get uploaded() {
    const paths = parsed(read("sessionStorage", UPLOADED_KEY));
    return Array.isArray(paths) ? paths.filter((path) => typeof path === "string") : [];
  },
  set uploaded(paths) {
    write("sessionStorage", UPLOADED_KEY, JSON.stringify(paths.slice(-1000)));
  },
  // A name for this tab, by which what is chosen in it is kept.
  get tab() {
    const name = read("sessionStorage", TAB_KEY);
    if (isId(name)) return name;
    const made = [...crypto.getRandomValues(new Uint8Array(12))]
      .map((byte) => byte.toString(16))
      .join("");
    write("sessionStorage", TAB_KEY, made);
    return made;
  },
  // The ids of this browser's pictures, the newest first.
  get pictures() {
    return list(PICTURES_KEY);
  },
  set pictures(ids) {
    write("localStorage", PICTURES_KEY, JSON.stringify(ids));
  },
  // The names of favourite paintings, the newest first.
  get favourites() {
    return list(FAVOURITES_KEY);
  },
  set favourites(names) {
    write("localStorage", FAVOURITES_KEY, JSON.stringify(names));
  },
};
