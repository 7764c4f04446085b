// Lets visitors draw a rectangle over the painting with mouse, finger or arrow keys, and sends it, as shares
// of width and height, when a button is pressed.
let box, from;
const frame = () => element.querySelector(".part-frame");
const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
const show = () => {
  const mark = element.querySelector(".part-box");
  if (!mark || !box) return;
  const [l, t, r, b] = box.map((each) => 100 * each);
  Object.assign(mark.style, { left: `${l}%`, top: `${t}%`, width: `${r - l}%`, height: `${b - t}%` });
};
const read = () => {
  box = frame()?.dataset.box.split(" ").map(Number);
  show();
};
const at = (event) => {
  const area = frame().getBoundingClientRect();
  return [
    clamp((event.clientX - area.left) / area.width, 0, 1),
    clamp((event.clientY - area.top) / area.height, 0, 1),
  ];
};
element.addEventListener("pointerdown", (event) => {
  if (!event.target.closest(".part-frame") || event.button) return;
  event.preventDefault();
  from = at(event);
  frame().setPointerCapture(event.pointerId);
  frame().querySelector(".part-box").focus({ preventScroll: true });
});
element.addEventListener("pointermove", (event) => {
  if (!from) return;
  const to = at(event);
  box = [0, 1, 0, 1].map((axis, corner) => Math[corner < 2 ? "min" : "max"](from[axis], to[axis]));
  show();
});
for (const end of ["pointerup", "pointercancel"])
  element.addEventListener(end, () => {
    from = null;
  });
element.addEventListener("keydown", (event) => {
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!way || !event.target.closest(".part-box")) return;
  event.preventDefault();
  const [x, y] = way.map((each) => 0.02 * each);
  const [l, t, r, b] = box;
  if (event.shiftKey) box = [l, t, clamp(r + x, l + 0.02, 1), clamp(b + y, t + 0.02, 1)];
  else {
    const [dx, dy] = [clamp(x, -l, 1 - r), clamp(y, -t, 1 - b)];
    box = [l + dx, t + dy, r + dx, b + dy];
  }
  show();
});
element.addEventListener("click", (event) => {
  const action = event.target.closest("button")?.dataset.action;
  if (action) trigger("select", { action: action, box: box });
});
watch("value", () => requestAnimationFrame(read));
read();
