// Empties what a button has opened: by its own button, by Escape, or once another button is pressed.
const close = () => {
  if (props.value) props.value = "";
};
element.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) close();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button && button.id !== "larger" && !element.contains(button)) close();
});
