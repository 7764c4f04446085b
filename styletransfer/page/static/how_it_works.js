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
  const { columns, across, rows } = Object.fromEntries(
    ["columns", "across", "rows"].map((name) => [name, Number(touch.dataset[name])]),
  );
  const places = touch.dataset.places.split(" ").map(Number);
  const board = touch.querySelector(".board");
  const clamp = (value, most) => Math.min(Math.max(value, 0), most);
  const style = section(touch).style;
  const at = () => ["--x", "--y"].map((name) => Number(style.getPropertyValue(name)));
  const go = (x, y) => {
    const place = places[y * columns + x];
    const found = { "--x": x, "--y": y, "--u": place % across, "--v": Math.floor(place / across) };
    for (const [name, value] of Object.entries(found)) style.setProperty(name, value);
  };
  const pointed = (event) => {
    const area = board.getBoundingClientRect();
    const x = Math.floor(((event.clientX - area.left) / area.width) * columns);
    const y = Math.floor(((event.clientY - area.top) / area.height) * rows);
    go(clamp(x, columns - 1), clamp(y, rows - 1));
  };
  board.addEventListener("pointermove", pointed);
  board.addEventListener("pointerdown", pointed);
  board.addEventListener("keydown", (event) => {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const way = ways[event.key];
    if (!way) return;
    event.preventDefault();
    const [x, y] = at();
    go(clamp(x + way[0], columns - 1), clamp(y + way[1], rows - 1));
  });
}
