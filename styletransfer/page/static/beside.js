// Several results side by side, in place of the picture. While they are shown, a touch on a picture of the strip
// adds it or takes it out.
const studio = element.closest("#studio");
const MOST = 4;
const strip = () => [...document.querySelectorAll("#strip button")];
const isOpen = () => studio.dataset.tool === "beside";
let chosen = []; // the ids

const mark = () => {
  for (const button of strip())
    if (isOpen()) button.setAttribute("aria-pressed", chosen.includes(button.dataset.picture));
    else button.removeAttribute("aria-pressed");
  document.querySelector("#beside").setAttribute("aria-pressed", isOpen());
};
const choose = (ids) => {
  chosen = ids.slice(-MOST);
  mark();
  trigger("chosen", { pictures: chosen });
};
const open = () => {
  studio.dataset.tool = "beside";
  const ids = strip().map((button) => button.dataset.picture);
  const shown = strip().findIndex((button) => button.ariaCurrent === "true");
  const first = Math.max(0, Math.min(shown, ids.length - 2));
  window.scrollTo({ top: 0 });
  choose(ids.slice(first, first + 2).reverse());
};
const close = () => {
  delete studio.dataset.tool;
};

document.addEventListener("click", (event) => {
  if (event.target.closest("#beside")) return isOpen() ? close() : open();
  const picture = event.target.closest("#strip button")?.dataset.picture;
  if (!picture || !isOpen()) return;
  choose(chosen.includes(picture) ? chosen.filter((id) => id !== picture) : [...chosen, picture]);
});
element.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) close();
  const picture = event.target.closest("[data-use]")?.dataset.use;
  if (!picture) return;
  studio.dataset.changed = "";
  trigger("use", { picture });
  close();
});
// It is also closed by other tools, and when something is painted.
new MutationObserver(mark).observe(studio, { attributes: true, attributeFilter: ["data-tool"] });
