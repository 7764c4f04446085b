// The row of paintings: marks the chosen one, and shows its name or that of the one pointed at.
const mark = () => {
  const line = element.querySelector(".chosen");
  line.textContent = line.dataset.empty;
  for (const button of element.querySelectorAll("[data-index]")) {
    const chosen = Number(button.dataset.index) === props.value;
    button.setAttribute("aria-pressed", chosen);
    if (chosen) line.textContent = button.title;
  }
};
watch("value", mark);
mark();
// Hovering or focusing a painting shows its name before it is chosen.
for (const over of ["pointerover", "focusin"])
  element.addEventListener(over, (event) => {
    const button = event.target.closest("[data-index]");
    if (!button || event.pointerType === "touch") return;
    element.querySelector(".chosen").textContent = button.title;
  });
for (const out of ["pointerout", "focusout"]) element.addEventListener(out, mark);
