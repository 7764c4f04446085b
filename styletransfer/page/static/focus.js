// Paint and Stop take each other's place: whoever pressed one by keyboard goes on from the other.
let last = "";
document.addEventListener("focusin", (event) => {
  last = event.target.closest("#paint, #stop")?.id;
});
const follow = (times) => {
  if (!last || !times) return;
  const next = document.querySelector(last === "paint" ? "#stop" : "#paint");
  // One goes before the other is there, or after: a busy browser takes a while.
  if (document.activeElement === document.body && next?.checkVisibility()) {
    next.focus({ preventScroll: true });
  } else setTimeout(() => follow(times - 1), 100);
};
watch("value", () => follow(30));
