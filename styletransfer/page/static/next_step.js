// The next step, as far as it is the browser's: the dialogue for the photo, the way to the paintings, and
// whether anything was changed since the picture on the stage was made. The style sheets read the state
// from the studio: data-changed, data-tried (see tried.js), data-coming and data-pressed (see coming.js) and data-tool.
const studio = element.closest("#studio");
const field = () => document.querySelector("#photo input[type=file]");

// After the dialogue the next button has the focus, as the one that was pressed is gone.
let pressed = false;
const handOn = (times) => {
  const next = [...studio.querySelectorAll("#pick, #paint")].find((each) => each.checkVisibility());
  if (next && document.activeElement === document.body) next.focus({ preventScroll: true });
  else if (times) setTimeout(() => handOn(times - 1), 100);
};

// What paints from the strokes of masks, or exchanges them, waits while they are on their way to the server.
window.holdForStrokes = (isHeld) => {
  for (const button of document.querySelectorAll("#paint, #nine, #undo button, #chips button"))
    button.disabled = isHeld;
};

window.closeMasks = () => {
  delete studio.dataset.tool;
  window.holdForStrokes(true); // until it is known that the strokes have arrived
};

const steps = {
  choose: () => {
    pressed = true;
    field()?.click();
  },
  pick: () => {
    const row = document.querySelector("#style-row");
    row.scrollIntoView({ block: "center" });
    row.querySelector("[data-index][tabindex='0']")?.focus({ preventScroll: true });
  },
  use: () => changed(),
  part: () => window.scrollTo({ top: 0 }),
  "masks-open": () => {
    studio.dataset.tool = "masks";
    window.scrollTo({ top: 0 });
  },
};
// What cannot be done for want of a photo or a painting asks for that, as the main button does.
const isEmpty = (box) => !studio.querySelector(`#${box} .image-frame`);
const missing = (id) => {
  if (isEmpty("photo")) return "choose";
  const isOfOne = id === "nine" && studio.querySelector("#nine-kind [value='strength']:checked");
  return isOfOne && isEmpty("style") ? "pick" : undefined;
};
studio.addEventListener(
  "click",
  (event) => {
    const id = event.target.closest("#nine, #masks-open")?.id;
    const step = id && missing(id);
    if (!step) return;
    event.stopPropagation(); // Gradio would send it
    steps[step]();
  },
  true,
);
studio.addEventListener("click", (event) => {
  steps[event.target.closest("button")?.id]?.();
  if (event.target.closest(".styles [data-index], #sizes [data-index], [aria-label='Remove Image']"))
    changed();
});

// From anywhere on the page, for those who would have to go back through all the settings by Tab.
const comingNext = "#choose, #pick, #paint";
studio.addEventListener("focusin", ({ target }) => {
  if (target.matches(comingNext)) target.setAttribute("aria-keyshortcuts", "Control+Enter");
});
studio.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
  const next = [...studio.querySelectorAll(comingNext)].find((each) =>
    each.checkVisibility({ visibilityProperty: true }),
  );
  if (!next) return;
  event.preventDefault();
  event.stopPropagation();
  next.focus();
  next.click();
});

// Whatever is changed makes Paint the next step again, and an error that it may have mended goes.
const changed = () => {
  studio.dataset.changed = "";
};
for (const kind of ["input", "change"])
  studio.addEventListener(kind, (event) => {
    if (event.target.closest("#desk")) changed();
    if (!event.target.matches("#photo [type=file]")) return;
    window.tryPhoto?.();
    if (pressed) handOn(30);
    pressed = false;
  });

// How high the bar with the next step is, for what has to end above it.
const bar = studio.querySelector("#go");
new ResizeObserver(() =>
  document.documentElement.style.setProperty("--bar", `${bar.offsetHeight}px`),
).observe(bar, { box: "border-box" });

// The whole stage takes a photo that is dropped on it.
const stage = studio.querySelector("#stage");
const takes = (event) => !studio.dataset.tool && event.dataTransfer?.types.includes("Files");
stage.addEventListener("dragover", (event) => {
  if (!takes(event)) return;
  event.preventDefault();
  stage.classList.add("offered");
});
for (const end of ["dragleave", "drop"])
  stage.addEventListener(end, () => stage.classList.remove("offered"));
stage.addEventListener("drop", (event) => {
  if (!takes(event)) return;
  event.preventDefault();
  window.handInPhotos(event.dataTransfer.files);
});

// What was tried stays on the stage until there is a picture of the job, or the nine looks: what the stage holds until then
// is another picture. While a job waits its picture is the photo, or a draft, of which there may be one already.
const picture = () => studio.querySelector("#picture img")?.src;
const isCard = (states) => element.querySelector(`.placard[data-job]:is(${states})`);
let previous;
let isAwaited = false; // whether a picture of the job is to take the place of what was tried
const uncover = () => {
  isAwaited = false;
  delete studio.dataset.tried;
};
const exchange = () => {
  const source = picture();
  if (!isAwaited) {
    previous = source;
    return;
  }
  if (stage.querySelector(".cells")) return uncover();
  if (!source || source === previous || (studio.dataset.tried === "draft" && isCard(".waiting"))) return;
  stage.querySelector("#picture .image-frame").style.backgroundImage = `url("${source}")`; // see fade.js
  uncover();
};
new MutationObserver(exchange).observe(stage, {
  subtree: true,
  childList: true,
  attributes: true,
  attributeFilter: ["src"],
});

const LATEST = 3000; // milliseconds after the end
let before;
const renew = () => {
  const card = element.querySelector(".placard");
  const now = `${card?.dataset.job} ${card?.className}`;
  if (before !== undefined && now !== before) {
    delete studio.dataset.changed;
    const isAsked = card?.matches(".waiting, .failed") && !card.dataset.job;
    if (isCard(".waiting, .painting")) isAwaited = studio.dataset.tried !== undefined;
    else if (isAwaited && isCard(".done")) setTimeout(() => isAwaited && uncover(), LATEST);
    else if (!isAsked) uncover();
    exchange();
    // A tool makes room for what is painted.
    if (card?.matches(".waiting, .painting")) {
      if (studio.dataset.tool) studio.querySelector("#masks-close")?.click();
      studio.querySelector("#part-board [data-action='close']")?.click();
    }
  }
  before = now;
};
watch("value", renew);
renew();
