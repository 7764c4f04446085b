// The view before Gradio's page. What is chosen in it is shown at once, and handed on to that page as soon as it listens. Both
// are one document, so that nothing has to be stored for it.
const root = document.documentElement;
const view = document.currentScript.parentElement;
const LOOK = 100; // milliseconds
const PATIENCE = 10000; // from when Gradio's page is there, for the rest of it
const AGAIN = 2000; // until a painting is chosen once more: what is pressed before Gradio listens is lost
const find = (selector) => document.querySelector(selector);
const early = { photos: [], painting: undefined, isPainting: false, isTouched: false }; // choices.js reads the last
window.early = early;

// Whoever comes back to a picture, or follows a link to one, is not shown the example in its place.
const hasPicture = () => {
  try {
    return sessionStorage.getItem(JOB_KEY) || location.hash;
  } catch {
    return location.hash; // nothing is stored here
  }
};

const dialogue = Object.assign(document.createElement("input"), {
  type: "file",
  accept: "image/*",
  multiple: true,
});
// The main button says the next step, as that of Gradio's page does.
const next = () => (!source ? "photo" : early.painting === undefined ? "painting" : "paint");
const showNext = () => {
  for (const each of view.querySelectorAll("[data-next]")) each.hidden = each.dataset.next !== next();
  for (const each of view.querySelectorAll(".example, .of-example")) each.hidden = Boolean(source);
  view.querySelector(".own").hidden = !source;
  view.querySelector(".of-photo").hidden = next() !== "painting";
  view.querySelector(".of-paint").hidden = !early.isPainting;
  view.querySelector(".next").ariaDisabled = early.isPainting;
};
const steps = {
  photo: () => dialogue.click(),
  painting: () => {
    const first = view.querySelector("[data-index]");
    first.scrollIntoView({ block: "center" });
    first.focus({ preventScroll: true });
  },
  paint: () => {
    early.isPainting = true;
    showNext();
  },
};
let source;
dialogue.addEventListener("change", () => {
  if (!dialogue.files.length) return;
  early.photos = [...dialogue.files];
  early.isTouched = true;
  source = URL.createObjectURL(early.photos[0]);
  view.querySelector(".own").src = source;
  showNext();
  if (view.isConnected) return;
  tried(); // the page came while the dialogue was open
  handOn();
});
view.addEventListener("click", ({ target }) => {
  if (target.closest(".own")) return dialogue.click(); // another photo
  if (target.closest(".next")) return steps[next()]();
  const painting = target.closest("[data-index]");
  if (!painting) return;
  for (const each of view.querySelectorAll("[data-index]"))
    each.setAttribute("aria-pressed", each === painting);
  early.painting = painting.dataset.index;
  early.isTouched = true;
  showNext();
});

// Whether Gradio's page hears what is pressed: a press that comes before its scripts have run is lost.
const isListening = () =>
  window.recallChoices && window.handInPhotos && window.closeMasks && find("#photo [type=file]");
// Whether everything has its place on Gradio's page.
let there; // since when its main button is
const isLaidOut = () => {
  if (!find("#choose")) return false;
  there ??= Date.now();
  const sheets = [...document.querySelectorAll("head link[rel=stylesheet]")];
  const parts = ["#style-row .painting", "#stage img", "#front", "#how-long", "#photo [type=file]"];
  const isComplete = parts.every(find) && sheets.every(({ sheet }) => sheet);
  const isReady = find("#choose").offsetHeight > 0 && isComplete && isListening();
  return isReady || Date.now() - there > PATIENCE;
};
let isHanding = false; // whether the photos are on their way
const handOn = () => {
  if (!early.photos.length && early.painting === undefined && !early.isPainting) return;
  if (!isListening()) return setTimeout(handOn, LOOK);
  if (early.photos.length) {
    isHanding = true;
    window.handInPhotos(early.photos.splice(0)).finally(() => {
      isHanding = false;
    });
  }
  const chosen = find(`#style-row [data-index="${early.painting}"]`);
  if (!chosen || chosen.getAttribute("aria-pressed") === "true") early.painting = undefined;
  else chosen.click();
  if (early.painting !== undefined || !early.isPainting) return setTimeout(handOn, AGAIN);
  const paint = find("#paint"); // hidden until photo and painting are there, or on their way
  const isRefused = find(".column:has(> #photo) .note:not(.told, :empty)");
  early.isPainting &&= !isRefused && (isHanding || !paint.checkVisibility() || paint.disabled);
  if (early.isPainting) setTimeout(handOn, LOOK);
  else if (!isRefused) paint.click();
};
// Shows the photo on the stage of Gradio's page, which has not got it yet; if it is a picture at all.
const tried = () => {
  const studio = find("#studio");
  const own = view.querySelector(".own");
  const lay = () => {
    studio.style.setProperty("--tried", `url("${source}")`);
    studio.dataset.tried = "photo";
  };
  if (!source || !studio) return;
  if (own.naturalWidth) lay();
  else own.addEventListener("load", lay, { once: true });
};
const focusNext = () => {
  const main = [...document.querySelectorAll("#choose, #pick, #paint")];
  main.find((each) => each.checkVisibility())?.focus({ preventScroll: true });
};
const leave = () => {
  const isFocused = view.contains(document.activeElement);
  tried();
  // The large pictures are on their way still: until then the small ones are seen in their places.
  for (const [kind, shown] of [
    ["painted", ":not(.photo)"],
    ["photo", ".photo"],
  ]) {
    const small = view.querySelector(`.both img${shown}`);
    const large = find(`#viewer .both .${kind}`);
    if (small && large && !large.complete)
      large.style.background = `url("${small.src}") 0 0 / 100% 100%`;
    large?.addEventListener("load", () => large.style.removeProperty("background"), { once: true });
  }
  root.classList.remove("early");
  view.remove();
  // Whoever does something else before it begins may no longer want it.
  addEventListener("click", (event) => {
    early.isPainting &&= !event.isTrusted;
  });
  if (isFocused) setTimeout(focusNext, LOOK); // Gradio's buttons become visible by a transition
};
if (!hasPicture()) {
  const theme = new URLSearchParams(location.search).get("__theme");
  const isDark =
    theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  view.classList.toggle("dark", isDark);
  root.classList.add("early");
}
const wait = () => {
  if (root.classList.contains("early") && !isLaidOut()) return setTimeout(wait, LOOK);
  leave();
  handOn();
};
document.addEventListener("DOMContentLoaded", wait);
