// What moves on the page /how-it-works. A slider or a choice sets a variable of its section; pictures follow it in
// the style sheet, texts and attributes here.
const section = (element) => element.closest("section");
const current = (element, name) => Number(section(element).style.getPropertyValue(`--${name}`));

const follow = (of) => {
  for (const each of of.querySelectorAll("[data-by]")) {
    const names = each.dataset.by.split(" ");
    const text = names.reduce(
      (texts, name) => texts[current(each, name)],
      JSON.parse(each.dataset.texts),
    );
    if (each.dataset.attribute) each.setAttribute(each.dataset.attribute, text);
    else each.textContent = text;
  }
};

const set = (input) => {
  section(input).style.setProperty(`--${input.dataset.sets}`, input.value);
  if (input.dataset.said) {
    const said = JSON.parse(input.dataset.said)[input.value];
    input.setAttribute("aria-valuetext", said);
    input.nextElementSibling.textContent = said;
  }
  follow(section(input));
};

document.addEventListener("input", (event) => {
  if (event.target.dataset.sets) set(event.target);
});
// A browser that comes back to the page may have kept where the sliders were.
for (const input of document.querySelectorAll("input[type=range], input:checked")) set(input);

// The neighbours: a place of the picture is touched, and its place in the painting shown.
for (const touch of document.querySelectorAll(".touch")) {
  const sizes = JSON.parse(touch.dataset.sizes).map(([columns, rows, across, shares, places]) => ({
    columns,
    rows,
    across,
    shares,
    places,
  }));
  const board = touch.querySelector(".board");
  const clamp = (value, most) => Math.min(Math.max(value, 0), most);
  const size = () => sizes[current(touch, "size")];
  let now = size();
  const go = (x, y) => {
    const place = now.places[y * now.columns + x];
    const [across, down, thereAcross, thereDown] = now.shares;
    const found = { x, y, u: place % now.across, v: Math.floor(place / now.across), across, down };
    Object.assign(found, { "there-across": thereAcross, "there-down": thereDown });
    for (const [name, value] of Object.entries(found)) {
      section(touch).style.setProperty(`--${name}`, value);
    }
  };
  // A place by its share of the picture's width and height, so that another size keeps it.
  const goTo = (right, down) => {
    go(
      clamp(Math.floor(right * now.columns), now.columns - 1),
      clamp(Math.floor(down * now.rows), now.rows - 1),
    );
  };
  const at = () => ["x", "y"].map((name) => current(touch, name));
  const resized = () => {
    const [x, y] = at();
    const [right, down] = [(x + 0.5) / now.columns, (y + 0.5) / now.rows];
    now = size();
    goTo(right, down);
  };
  resized();
  document.addEventListener("input", resized); // after `set`, which has been there before
  const pointed = (event) => {
    const area = board.getBoundingClientRect();
    goTo((event.clientX - area.left) / area.width, (event.clientY - area.top) / area.height);
  };
  board.addEventListener("pointermove", pointed);
  board.addEventListener("pointerdown", pointed);
  board.addEventListener("keydown", (event) => {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const way = ways[event.key];
    if (!way) return;
    event.preventDefault();
    const [x, y] = at();
    go(clamp(x + way[0], now.columns - 1), clamp(y + way[1], now.rows - 1));
  });
}
