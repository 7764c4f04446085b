// Empties a board by its button, which boards.js also presses.
element.addEventListener("click", ({ target }) => {
  if (target.closest("[data-close]")) props.value = "";
});
