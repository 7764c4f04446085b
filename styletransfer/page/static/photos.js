// Several photos at once: those that are dropped or chosen together. The first is for the photo's box, unless it
// holds one; the others go to the row. The server is asked one thing after the other, as each answer is the whole row.
const studio = element.closest("#studio");
const field = () => document.querySelector("#photo input[type=file]");
const isBoxed = () => document.querySelector("#photo .image-frame img");
const isUploading = () => document.querySelector("#photo .uploading");
const isRefused = () => document.querySelector(".column:has(> #photo) .note:not(.told, :empty)");
const LOOK = 100; // milliseconds
const PATIENCE = 30000; // for the photo in the box, and for an answer
const pause = () => new Promise((resolve) => setTimeout(resolve, LOOK));
const until = async (condition) => {
  for (let end = Date.now() + PATIENCE; !condition() && Date.now() < end; ) {
    await pause();
    if (isUploading()) end = Date.now() + PATIENCE;
  }
};

let answered = true;
const ask = (what, detail) => {
  if (!answered) return;
  answered = false;
  studio.dataset.changed = "";
  setTimeout(() => {
    answered = true; // an answer may be lost
  }, PATIENCE);
  trigger(what, detail);
};
watch("value", () => {
  answered = true;
});

// One at a time, so that each may be as large as a file may be, and a refused one stops no other.
const uploaded = async (files) => {
  const taken = { files: [], refused: [], more: Math.max(0, files.length - LIMIT) };
  for (const [place, file] of files.slice(0, LIMIT).entries()) {
    const said = element.querySelector(".coming");
    said.textContent = COMING.replace("{n}", place + 1).replace("{count}", files.length);
    try {
      taken.files.push((await upload(file)).path);
    } catch (error) {
      taken.refused.push(`${file.name}: ${error.message}`);
    }
  }
  return taken;
};
let before = Promise.resolve();
const add = (files) => {
  before = before.then(async () => {
    const taken = await uploaded(files);
    await until(() => answered && !isUploading() && (isBoxed() || isRefused() || !field()));
    answered = true;
    ask("taken", taken);
    await until(() => answered);
  });
};

const only = (file) => {
  const transfer = new DataTransfer();
  transfer.items.add(file);
  return transfer.files;
};
// Returns a promise that is kept when those of the row are there.
window.handInPhotos = (files) => {
  const [first, ...others] = files;
  if (!first) return before;
  if (!field()) {
    add([...files]);
    return before;
  }
  field().files = only(first);
  field().dispatchEvent(new Event("change", { bubbles: true }));
  if (others.length) add(others);
  return before;
};

// Gradio's box takes one file: what else is chosen or dropped there goes to the row before it hears of it.
addEventListener(
  "click",
  ({ target }) => {
    if (target.matches?.("#photo input[type=file]")) target.multiple = true;
  },
  true,
);
studio.addEventListener(
  "change",
  ({ target }) => {
    if (!target.matches("#photo input[type=file]") || target.files.length < 2) return;
    const [first, ...others] = target.files;
    target.files = only(first);
    add(others);
  },
  true,
);
studio.addEventListener(
  "drop",
  (event) => {
    const files = event.dataTransfer?.files ?? [];
    if (!files.length || !event.target.closest("#photo, #photos") || (files.length < 2 && field()))
      return;
    event.preventDefault();
    event.stopPropagation();
    window.handInPhotos(files);
  },
  true,
);
element.addEventListener("dragover", (event) => event.preventDefault());

const dialogue = Object.assign(document.createElement("input"), {
  type: "file",
  accept: "image/*",
  multiple: true,
});
dialogue.addEventListener("change", () => {
  add([...dialogue.files]);
  dialogue.value = "";
});
element.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button?.matches(".add")) return dialogue.click();
  if (!button) return;
  const isShown = button.matches(".one") || button.parentElement.querySelector("[aria-current=true]");
  ask(button.matches(".off") ? "off" : "show", { index: Number(button.dataset.place) });
  if (isShown) window.tryPhoto?.();
});
