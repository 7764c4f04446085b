// This browser's pictures, newest first. It keeps their ids, the server what they stand for.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (document.querySelector(".placard.painting, .placard.waiting")) trigger("busy", {});
  else trigger("select", { picture: button.dataset.picture });
});
