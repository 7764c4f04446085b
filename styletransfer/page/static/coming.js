// The photo that is on its way to the server, which may take a phone a minute. It is on the stage at once (see tried.js),
// a painting can be chosen meanwhile, and Paint pressed: that is done when the photo is there and was looked into.
const studio = element.closest("#studio");
const LOOK = 100; // milliseconds
const SETTLES = 1000; // between the upload and its picture the box is empty for a moment
const PATIENCE = 30000; // for the server to look into the photo
const isUploading = () => studio.querySelector("#photo .uploading");
const isThere = () => studio.querySelector("#photo .image-frame img");
const isBusy = () => studio.querySelector(".placard:is(.painting, .waiting)");
const isComing = () => !isThere() && Date.now() - seen < SETTLES;
const isUnchecked = () => isComing() || (!isChecked && isThere() && Date.now() - seen < PATIENCE);
const isPressed = () => studio.hasAttribute("data-pressed");

let seen = 0; // when it was last on its way
let isChecked = true; // by the server
let isRowThere; // the other photos of several
addEventListener("photo-checked", () => {
  isChecked = true;
});
const press = (isHeld) => {
  studio.toggleAttribute("data-pressed", isHeld);
  if (!isHeld) return;
  isRowThere = false;
  window.handInPhotos([]).then(() => {
    isRowThere = true;
  });
  if (!isWatched) follow();
};
// Does what was pressed, or drops it: a photo that is refused is told of elsewhere. If the answer is lost, it is done, too.
const advance = () => {
  if (!isThere() || isBusy()) return press(false);
  if (isUnchecked() || !isRowThere) return;
  press(false);
  studio.querySelector("#paint").click();
};
let isWatched = false;
const follow = () => {
  if (isUploading()) {
    seen = Date.now();
    isChecked = false;
  }
  // While something is painted, the stage and the placard tell of that.
  studio.toggleAttribute("data-coming", isComing() && !isBusy());
  if (isPressed() && !isComing()) advance();
  isWatched = isComing() || isPressed();
  if (isWatched) setTimeout(follow, LOOK);
};
new MutationObserver(() => {
  if (!isWatched && isUploading()) follow();
}).observe(studio, { subtree: true, childList: true });

// Whoever presses anything else no longer wants what was pressed before, and a second press takes back the first; not
// the second of a double click.
addEventListener(
  "click",
  (event) => {
    const pressed = event.target.closest?.("#paint, #nine, #masks-open")?.id;
    const isHeld = isPressed();
    if (isHeld && event.isTrusted && !(pressed && event.detail > 1)) press(false);
    if (!pressed || !(isHeld || (pressed === "paint" ? isUnchecked() : isComing()))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (pressed === "paint" && !isHeld) press(true);
  },
  true,
);
