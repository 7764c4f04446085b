// The photo that is on its way to the server, which may take a phone a minute. It is on the stage at once (see
// tried.js), paintings can be chosen meanwhile, and what is pressed that needs the photo is done when it is there.
const studio = element.closest("#studio");
const NEED_IT = "#paint, #nine, #masks-open";
const LOOK = 100; // milliseconds
const SETTLES = 1000; // between the upload and its picture the box is empty for a moment
const isComing = () => studio.querySelector("#photo .uploading");
const isThere = () => studio.querySelector("#photo .image-frame img");

let pressed;
const press = (button) => {
  pressed = button;
  studio.toggleAttribute("data-pressed", Boolean(button));
};
let seen = 0; // when it was last on its way
let isWatched = false;
const follow = () => {
  if (isComing()) seen = Date.now();
  isWatched = !isThere() && Date.now() - seen < SETTLES;
  // While something is painted, the page is its own.
  const isBusy = studio.querySelector(".placard:is(.painting, .waiting)");
  studio.toggleAttribute("data-coming", isWatched && !isBusy);
  if (isWatched) setTimeout(follow, LOOK);
  else if (pressed) doPressed();
};
const doPressed = async () => {
  const button = pressed;
  press();
  if (!isThere()) return; // refused, which is said elsewhere
  await window.handInPhotos([]); // until those of the row are there
  button.click();
};
new MutationObserver(() => {
  if (!isWatched && isComing()) follow();
}).observe(studio, { subtree: true, childList: true });

addEventListener(
  "click",
  (event) => {
    const button = event.target.closest?.(NEED_IT);
    if (!button || !isWatched || isThere()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    press(button);
  },
  true,
);
