// The strip of this browser's pictures: a click shows a picture again, unless one is being painted.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (document.querySelector(".placard.painting, .placard.waiting")) trigger("busy", {});
  else trigger("select", { picture: button.dataset.picture });
});
