// A click on a button triggers "select" with the button's index.
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-index]");
  if (button) trigger("select", { index: Number(button.dataset.index) });
});
