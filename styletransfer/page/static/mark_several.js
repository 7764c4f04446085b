// The row of further paintings: marks all that are in the boxes, and shows their names.
const mark = () => {
  const names = [];
  for (const button of element.querySelectorAll("[data-index]")) {
    const chosen = (props.value || []).includes(Number(button.dataset.index));
    button.setAttribute("aria-pressed", chosen);
    if (chosen) names.push(button.title);
  }
  const line = element.querySelector(".chosen");
  line.textContent = names.join(" · ") || line.dataset.empty;
};
watch("value", mark);
mark();
