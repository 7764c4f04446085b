// The wall of paintings: what is looked for stays, stars are favourites, and arrow keys lead around.
const input = element.querySelector("input");
const found = element.querySelector(".found");
const nothing = element.querySelector(".nothing");
const paintings = () => [...element.querySelectorAll(".painting")];
const pressed = (button) => button?.getAttribute("aria-pressed") === "true";
const sought = (name) =>
  element.querySelector(`.find [data-${name}][aria-pressed="true"]`)?.dataset[name];
// "Dürer" is found by "durer", too.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

const fits = (painting) => {
  const { mood, colours, words } = painting.dataset;
  const said = plain(`${painting.querySelector("[data-index]").title} ${words}`);
  return (
    (!sought("mood") || mood === sought("mood")) &&
    (!sought("colour") || colours.split(" ").includes(sought("colour"))) &&
    (sought("favourites") === undefined || pressed(painting.querySelector(".star"))) &&
    plain(input.value)
      .split(/\s+/)
      .every((word) => said.includes(word))
  );
};

// One painting and its star can be reached by Tab, all others from there by arrow keys.
const reach = (painting) => {
  for (const each of paintings())
    for (const button of each.querySelectorAll("button")) button.tabIndex = each === painting ? 0 : -1;
};
const reached = () => paintings().find((each) => each.querySelector('[tabindex="0"]'));

const look = () => {
  const all = paintings();
  for (const each of all) each.hidden = !fits(each);
  for (const room of element.querySelectorAll(".room"))
    room.hidden = !room.querySelector(".painting:not([hidden])");
  const left = all.filter((each) => !each.hidden);
  if (!left.includes(reached())) reach(left[0]);
  const some = left.length && left.length < all.length;
  found.textContent = some ? found.dataset.form.replace("{n}", left.length) : "";
  const lacking = sought("favourites") !== undefined && !window.remembered.favourites.length;
  const why = lacking ? nothing.dataset.noFavourites : nothing.dataset.none;
  nothing.textContent = left.length ? "" : why;
};
input.addEventListener("input", look);
element.querySelector(".find").addEventListener("click", (event) => {
  const chip = event.target.closest("button");
  if (!chip) return;
  const now = !pressed(chip);
  // Of the moods one is sought at a time, and of the colours.
  for (const name of ["mood", "colour"])
    if (name in chip.dataset)
      for (const each of element.querySelectorAll(`.find [data-${name}]`))
        each.setAttribute("aria-pressed", false);
  chip.setAttribute("aria-pressed", now);
  look();
});

// The wall hangs twice on the page, and a star that is set on one shines on the other.
const shine = () => {
  const names = window.remembered.favourites;
  for (const star of element.querySelectorAll(".star"))
    star.setAttribute("aria-pressed", names.includes(star.dataset.name));
  look();
};
element.addEventListener("click", (event) => {
  const star = event.target.closest(".star");
  if (!star) return;
  const { name } = star.dataset;
  const others = window.remembered.favourites.filter((each) => each !== name);
  window.remembered.favourites = pressed(star) ? others : [name, ...others];
  window.dispatchEvent(new Event("favourites"));
});
window.addEventListener("favourites", shine);

element.addEventListener("focusin", (event) => {
  const painting = event.target.closest(".painting");
  if (painting) reach(painting);
});
// The nearest painting in this direction: [-1, 0] is left, [0, 1] down. To the left and right the order
// counts, so that the rows follow each other.
const beside = (painting, [across, down]) => {
  const shown = paintings().filter((each) => !each.hidden);
  if (across) return shown[shown.indexOf(painting) + across];
  const middle = (each) => {
    const box = each.getBoundingClientRect();
    return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
  };
  const from = middle(painting);
  const away = (each) => {
    const to = middle(each);
    const rows = (to.y - from.y) * down;
    return rows < 8 ? Infinity : rows * 10 + Math.abs(to.x - from.x);
  };
  const nearest = shown.reduce((best, each) => (away(each) < away(best) ? each : best), painting);
  return away(nearest) < Infinity ? nearest : undefined;
};
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
element.addEventListener("keydown", (event) => {
  const painting = event.target.closest(".painting");
  if (!painting || !(event.key in ARROWS)) return;
  event.preventDefault();
  const kind = event.target.matches(".star") ? ".star" : "[data-index]";
  beside(painting, ARROWS[event.key])?.querySelector(kind).focus();
});

// A painting that was chosen elsewhere on the page is brought into view on the wall, without moving the page.
watch("value", () => {
  const chosen = element.querySelector('[data-index][aria-pressed="true"]');
  if (!chosen || element.contains(document.activeElement)) return;
  const box = element.querySelector(".styles");
  const [at, frame] = [chosen.getBoundingClientRect(), box.getBoundingClientRect()];
  if (at.top < frame.top || at.bottom > frame.bottom) box.scrollTop += at.top - frame.top - 24;
  if (at.left < frame.left || at.right > frame.right) box.scrollLeft += at.left - frame.left - 24;
});
shine();
