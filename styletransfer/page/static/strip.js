// The strip of this browser's pictures: a click shows a picture again, unless one is being painted, or beside.js
// takes it to those that it compares.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button || element.closest("#studio").dataset.tool === "beside") return;
  if (document.querySelector(".placard.painting, .placard.waiting")) trigger("busy", {});
  else trigger("select", { picture: button.dataset.picture });
});
