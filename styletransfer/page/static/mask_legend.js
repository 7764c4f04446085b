// Shows each painting beside the colour in which its mask is painted, and no colour of a painting that is not
// there. The pictures are those in the boxes, so that nothing is asked of the server. A press takes the colour into
// Gradio's brush, by the buttons of Gradio's own list of colours, which the page does not show.
const rows = [...element.querySelectorAll("[data-box]")];
const button = (row) => row.querySelector("button");
const tool = (name) => document.querySelector(`#masks [aria-label="${name}"]`);
const colours = () => document.querySelectorAll("#masks menu.swatch button");

const take = async (row) => {
  for (const each of rows) button(each).setAttribute("aria-pressed", each === row);
  tool("Brush")?.click(); // it may have been the eraser
  await new Promise(requestAnimationFrame);
  if (!colours().length) tool("Color")?.click();
  await new Promise(requestAnimationFrame);
  colours()[rows.indexOf(row)]?.click();
};
const renew = () => {
  for (const row of rows) {
    const picture = document.querySelector(`#${row.dataset.box} .image-frame img`);
    row.querySelector("i").style.backgroundImage = picture ? `url("${picture.src}")` : "";
    row.hidden = !picture && row.dataset.box !== "keep-mask";
  }
  const chosen = rows.find((row) => button(row).ariaPressed === "true");
  if (chosen.hidden) take(rows.find((row) => !row.hidden));
};
document.addEventListener("click", (event) => {
  if (event.target.closest("#masks-open")) renew();
});
element.addEventListener("click", ({ target }) => {
  const row = target.closest("[data-box]");
  if (row) take(row);
});
renew();

// The editor fits the photo to every size of its own, but where sizes follow each other closely, its last fit may be
// to an earlier one. So once they rest it is fitted again, by Gradio's own list of zooms, which the page does not show.
const PAUSE = 200; // milliseconds
let resting;
const fit = async () => {
  document.querySelector("#masks .zoom-number span")?.click();
  await new Promise(requestAnimationFrame);
  document.querySelector("#masks .zoom-controls button")?.click();
};
new ResizeObserver(() => {
  clearTimeout(resting);
  resting = setTimeout(fit, PAUSE);
}).observe(document.querySelector("#masks"));
