// What is chosen for the next picture. Whatever replaces pictures or several settings at once (a preset, a
// painting, the settings of a result) leaves what was chosen before here, and Undo brings that back. A control that is
// moved by hand is no such thing.
const studio = element.closest("#studio");
const chip = element.querySelector("button");
const MOST = 20; // that can be undone one after the other
const AGAIN = 1000; // milliseconds until Gradio is told again
const TRIES = 20;
let now = window.chosen ?? []; // the values, as choices_told.js was told last
let before; // those before the visitor's last gesture, until they are replaced
let bringing; // those that are being brought back
const replaced = []; // the newest last

const isPicture = (value) => value !== null && typeof value === "object";
const plain = (value) => (isPicture(value) ? value.path : value);
const isSame = (one, other) => plain(one) === plain(other);
const isEmpty = (value) => value === null || value === undefined || value === "";
// Something that was there is another one now. What was added replaces nothing.
const isLost = (from, to) => from.some((value, place) => !isEmpty(value) && !isSame(value, to[place]));

const show = () => {
  chip.hidden = !replaced.length;
};
const forget = () => {
  before = undefined;
  replaced.length = 0;
  show();
  window.choices.erase();
};
// The place on the wall, the last value, is -1 for none.
const kept = (values) => [...values.slice(0, -1), values.at(-1) === -1 ? null : values.at(-1)];

window.choices = {
  touched: window.early?.isTouched ?? false, // whether the visitor has chosen anything since the page was loaded
  now: () => now,
  tell(values) {
    const told = JSON.stringify(values);
    if (told === JSON.stringify(now)) return; // Gradio tells ten times a second that nothing has changed
    now = JSON.parse(told); // plain ones, which can be stored
    document.dispatchEvent(new Event("chosen"));
    window.choices.keep();
    if (bringing) return;
    if (!before || !isLost(kept(before), kept(now))) return;
    replaced.push(before);
    if (replaced.length > MOST) replaced.shift();
    before = undefined;
    show();
  },
  // The values for all components, then for the editor of masks and what is laid into it: nothing, if something
  // else lies in there, so that it is filled anew when it is opened.
  back(underMasks) {
    const values = bringing ?? now; // it may have been told twice
    const [photo] = values;
    const isOther = [0, STROKES].some((place) => !isSame(values[place] ?? null, now[place] ?? null));
    const laid = underMasks && isOther ? [null, ""] : [undefined, undefined];
    if (isOther && studio.dataset.tool === "masks") delete studio.dataset.tool;
    const isPictured = values
      .slice(0, 2)
      .some((value, place) => !isSame(value ?? null, now[place] ?? null));
    now = values;
    bringing = undefined;
    window.choices.keep(); // Gradio tells of them, too, but they are no news by then
    document.dispatchEvent(new Event("chosen"));
    studio.dataset.changed = "";
    if (!photo) delete studio.dataset.tried;
    else if (isPictured) setTimeout(() => trigger("pictured", {}));
    return [...values, ...laid];
  },
};

// Gradio does not hear a component while it still makes the page, so that it is told until it asks for the values.
const ask = (values, tries) => {
  if (bringing !== values) return;
  trigger("back", {});
  if (tries > 1) setTimeout(ask, AGAIN, values, tries - 1);
};
const bring = (values) => {
  bringing = values;
  before = undefined;
  ask(values, TRIES);
};
window.choices.bring = bring;

// A gesture on a control changes that one only; every other one may replace something. "input" is that of a keyboard.
const noticed = (event) => {
  if (event.target.closest?.("#desk") || ["drop", "paste"].includes(event.type))
    window.choices.touched = true;
  // Undo takes back all that was painted since the board for masks was opened, not stroke by stroke.
  if (event.target.closest("#undo, #mask-board")) return;
  before = event.target.closest(".knob, input[type=search]") ? undefined : now;
};
for (const gesture of ["click", "drop", "paste", "change", "input"])
  document.addEventListener(gesture, noticed, true);
chip.addEventListener("click", () => {
  const values = replaced.pop();
  show();
  if (values) bring(values);
});
// What was deleted does not come back.
document.addEventListener("click", (event) => event.target.closest("#delete-yes") && forget(), true);
