// Shows on the stage the photo that the visitor has just chosen, and then its quick draft, until a picture
// is painted. While one is painted, the stage shows that run.
const studio = element.closest("#studio");
const photo = () => document.querySelector("#photo .image-frame img")?.src;
const isUploading = () => document.querySelector("#photo .uploading");
const isPainting = () => document.querySelector(".placard.painting, .placard.waiting");

// After the settings of a result were put back, or another result was shown, neither the photo that comes back with them
// nor a draft that was asked for before is shown: it would hide that result.
let isWanted = true;
const resultChosen = "#use, #strip, #beside-board";
const boxTouched = "#photo, #photos, #style, .styles, #part-board, #undo";
for (const gesture of ["click", "drop", "paste", "change"])
  document.addEventListener(
    gesture,
    ({ type, target }) => {
      if (target.closest?.(resultChosen)) isWanted = false;
      else if (type === "drop" || type === "paste" || target.closest?.(boxTouched)) isWanted = true;
    },
    true,
  );

// What was shown before stays until the next one has arrived.
let newest;
const show = (kind, source) => {
  const isLate = kind === "draft" && isUploading(); // of the photo before
  if (!source || !isWanted || isLate || isPainting()) return;
  const image = new Image();
  newest = image;
  image.onload = () => {
    const isGone = !photo() && !isUploading();
    if (newest !== image || isGone || !isWanted || isPainting()) return;
    studio.style.setProperty("--tried", `url("${source}")`);
    studio.dataset.tried = kind;
  };
  // A file that browsers cannot show, as HEIC: nothing is better than the photo before.
  image.onerror = () => {
    if (newest === image && isUploading()) delete studio.dataset.tried;
  };
  image.src = source;
};
// The file itself is shown until the server has it.
let local;
let isLocal = false;
document.addEventListener(
  "change",
  ({ target }) => {
    if (!target.matches?.("#photo [type=file]") || !target.files.length) return;
    URL.revokeObjectURL(local);
    local = URL.createObjectURL(target.files[0]);
    isLocal = true;
    show("photo", local);
  },
  true,
);
// A photo that was taken out of its box, or was refused, leaves the stage, too.
const SETTLES = 1000; // milliseconds; between the upload and its picture the box is empty for a moment
let isBoxed = false;
let wasUploading = false;
const isEmptied = () => isBoxed && !photo() && !isUploading();
const leave = () => {
  if (!isEmptied()) return;
  isBoxed = isLocal = false;
  delete studio.dataset.tried;
};
const look = () => {
  // Of a photo that was dropped on its box, or pasted, the file is not known: nothing is better than the photo before.
  if (isUploading() && !wasUploading && !isLocal && !isPainting()) delete studio.dataset.tried;
  wasUploading = Boolean(isUploading());
  if (isEmptied()) setTimeout(leave, SETTLES);
  else isBoxed ||= Boolean(photo() || isUploading());
};
// The box shows the photo a moment after it was handed in, and perhaps once more, made upright.
let shown;
const follow = () => {
  if (shown === undefined || !photo() || photo() === shown) return;
  shown = photo();
  isLocal = false;
  show("photo", shown);
};
new MutationObserver(() => {
  look();
  follow();
}).observe(studio, {
  subtree: true,
  childList: true,
  attributes: true,
  attributeFilter: ["src"],
});
window.tryPhoto = () => {
  shown = null;
  follow();
};
watch("value", () => {
  if (!props.value) return;
  shown = undefined;
  if (props.value.draft) show("draft", props.value.draft);
  else if (studio.dataset.tried) show("photo", photo());
});
