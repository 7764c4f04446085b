"""In the browser: a press on one of a component's buttons is told by its number."""

CHOOSE_JS = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) trigger("select", { index: Number(button.dataset.index) });
});
"""
