// What this browser remembers of its pictures. Where it stores nothing, as with site data blocked or in a
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

window.remembered = {
  // The id of the job that this tab shows.
  get own() {
    const id = read("sessionStorage", JOB_KEY);
    return isId(id) ? id : null;
  },
  set own(id) {
    write("sessionStorage", JOB_KEY, id);
  },
  // The ids of this browser's pictures, the newest first.
  get pictures() {
    const ids = parsed(read("localStorage", PICTURES_KEY));
    return Array.isArray(ids) ? ids.filter(isId) : [];
  },
  set pictures(ids) {
    write("localStorage", PICTURES_KEY, JSON.stringify(ids));
  },
};
