// Strokes are handed over while the visitor still paints, whenever the brush has rested for a moment, so that a
// reload loses none. The server does then what it does at Done. Only one of the two is on its way at a time, because
// of two the older strokes may arrive later.
const board = element.closest("#mask-board");
const keep = board.querySelector("#masks-keep");
const done = board.querySelector("#masks-close");
const REST = 1000; // milliseconds
let isPainted = false; // whether anything in the editor was touched since the strokes were sent
let isSent = false; // whether they are on their way
let isWell = true; // whether they could be sent; if not, Done tries it again, and says what is wrong
let isDone = false; // whether Done was pressed while they were on their way
let resting;

const rest = () => {
  clearTimeout(resting);
  if (isPainted && isWell && !isDone) resting = setTimeout(send, REST);
};
const send = () => {
  if (isSent) return rest();
  isPainted = false;
  isSent = true;
  keep.click();
};
window.strokesKept = (isKept) => {
  isSent = false;
  isWell = isKept;
  if (!isDone) return;
  isDone = false;
  if (isPainted || !isKept) done.click();
  else window.holdForStrokes(false);
};

const touched = ({ target }) => {
  if (target.closest("#masks")) isPainted = true;
};
board.addEventListener("pointerdown", touched, true);
board.addEventListener("keydown", touched, true);
board.addEventListener("pointermove", ({ buttons }) => buttons && clearTimeout(resting), true);
// The brush may have left the board before it is lifted.
for (const lifted of ["pointerup", "pointercancel", "keyup"])
  document.addEventListener(lifted, rest, true);
done.addEventListener(
  "click",
  (event) => {
    clearTimeout(resting);
    isDone = isSent;
    if (isDone)
      event.stopImmediatePropagation(); // else Gradio would send them at once
    else [isPainted, isWell] = [false, true];
    window.closeMasks();
  },
  true,
);
