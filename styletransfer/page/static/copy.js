// Copies the link in the field as soon as it appears, and again when the button is pressed. Some browsers
// do not allow copying after a request to the server; then the visitor can copy it from the field.

// Only the browser knows the page's public address, because there may be a proxy before the server.
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
