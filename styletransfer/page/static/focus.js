// Paint and Stop replace each other: after one was pressed by keyboard the other one gets the focus.
let last = "";
document.addEventListener("focusin", (event) => {
  last = event.target.closest("#paint, #stop")?.id;
});
const follow = (times) => {
  if (!last || !times) return;
  const next = document.querySelector(last === "paint" ? "#stop" : "#paint");
  // The other button may appear before or after the first one vanishes, so this is tried repeatedly.
  if (document.activeElement === document.body && next?.checkVisibility()) {
    next.focus({ preventScroll: true });
  } else setTimeout(() => follow(times - 1), 100);
};
watch("value", () => follow(30));
