// Paint, Stop and Save replace each other: whoever had the focus on one of them, or on what is beside Stop, and has
// lost it with that, gets it on the one that is there now.
let last = "";
document.addEventListener("focusin", (event) => {
  last = event.target.closest("#paint, #stop, #leave, #left")?.id;
});
const LOOK = 100; // milliseconds
const TIMES = 30;
const SAVE = 20; // of them, for the file, which takes longer than Paint
const next = (times) => {
  if (element.querySelector(".placard.done")) return times > TIMES - SAVE ? "#download" : "#paint";
  return last === "paint" ? "#stop" : "#paint";
};
// One button may appear before or after the other one vanishes, so this is tried repeatedly.
let timer;
const follow = (times) => {
  clearTimeout(timer);
  if (!last || !times) return;
  const button = document.querySelector(next(times));
  if (document.activeElement === document.body && button?.checkVisibility()) {
    button.focus({ preventScroll: true });
  } else timer = setTimeout(() => follow(times - 1), LOOK);
};
watch("value", () => follow(TIMES));
