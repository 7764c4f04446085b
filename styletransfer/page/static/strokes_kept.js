// Strokes are handed over while the visitor still paints, whenever the brush has rested for a moment, so that a
// reload loses none; and at Done. They are on their way once at a time, because of two the older may arrive later.
const studio = element.closest("#studio");
const board = element.closest("#mask-board");
const button = (name) => board.querySelector(`#masks-${name}`);
const said = board.querySelector(".note");
const REST = 1000; // milliseconds
const SETTLED = 100; // milliseconds
const PATIENCE = 60000; // an answer may be lost
let isDown = false; // whether the brush is
let isPainted = false; // whether the editor was touched since the strokes were sent
let isSent = false; // whether they are on their way
let isWell = true; // whether that went well the last time; else it is not tried again before Done
let photo; // that the strokes on their way were painted over
let resting;
let late;

const isOpen = () => studio.dataset.tool === "masks";
const photoNow = () => studio.querySelector("#photo .image-frame img")?.src;

const send = () => {
  clearTimeout(resting);
  if (isSent || isDown) return; // it goes on from there when that ends
  isPainted = false;
  isSent = true;
  photo = photoNow();
  late = setTimeout(ended, PATIENCE, false);
  button("keep").click();
};
const rest = () => {
  clearTimeout(resting);
  if (isPainted && isWell) resting = setTimeout(send, REST);
};
const ended = (areKept) => {
  if (!isSent) return;
  clearTimeout(late);
  isSent = false;
  isWell = areKept;
  isPainted ||= !areKept;
  window.forgetUploads(); // the server may have deleted what it did not need
  // Masks go with their photo. Gradio has to have laid them into their box before they are taken out of it.
  if (areKept && photo !== photoNow()) setTimeout(() => button("none").click(), SETTLED);
  if (!isOpen() && isPainted && areKept) return send();
  window.holdForStrokes(false);
  if (isOpen()) rest();
};
window.strokesKept = (areKept) => {
  if (areKept) said.textContent = "";
  ended(areKept);
};
// Gradio says nothing of an upload that it makes for the editor, and forgets what it wanted it for.
addEventListener("upload-refused", ({ detail }) => {
  if (!isSent) return;
  said.textContent = detail;
  if (!isOpen()) studio.dataset.tool = "masks";
  ended(false);
});
addEventListener("line-back", () => {
  isWell = true;
  rest();
});

board.addEventListener(
  "pointerdown",
  ({ target }) => {
    if (!target.closest("#masks")) return;
    clearTimeout(resting);
    isDown = true;
  },
  true,
);
// The brush may have left the board before it is lifted. Keys are the editor's wherever they are pressed.
const lifted = () => {
  isPainted ||= isDown;
  isDown = false;
  rest();
};
for (const kind of ["pointerup", "pointercancel"]) document.addEventListener(kind, lifted, true);
document.addEventListener("keyup", () => {
  isPainted ||= isOpen();
  rest();
});
button("close").addEventListener("click", () => {
  window.closeMasks();
  isWell = true;
  if (isPainted) send();
  else if (!isSent) window.holdForStrokes(false);
});
