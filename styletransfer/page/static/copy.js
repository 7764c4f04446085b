// The link in the field is copied as soon as it comes, and again by the button. Not every browser allows
// copying once the server has been asked: then the link stands beside the button.

// The browser knows the page's address best: there may be any proxy in between.
const root = location.origin + location.pathname.replace(/\/$/, "");
const copy = async () => {
  const field = element.querySelector("input");
  const said = element.querySelector(".said");
  field.focus();
  field.select();
  let copied = false;
  try {
    await navigator.clipboard.writeText(field.value);
    copied = true;
  } catch {
    copied = document.execCommand("copy");
  }
  said.textContent = copied ? said.dataset.copied : said.dataset.byHand;
};
watch("value", () => {
  const field = element.querySelector("input");
  if (!field) return;
  const path = field.dataset.path;
  field.value = path.startsWith("/") ? root + path : `${root}/${path}`;
  copy();
});
element.addEventListener("click", (event) => {
  if (event.target.closest("button")) copy();
});
