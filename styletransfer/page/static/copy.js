// Copies the link in the field as soon as it appears, and again when the button is pressed. Some browsers
// do not allow copying after a request to the server; then the visitor can copy it from the field. Where
// there is no mouse, the system's own sheet for sharing opens first.

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
const hand = async (url) => {
  try {
    await navigator.share({ title: document.title, url });
  } catch (error) {
    if (error.name !== "AbortError") copy(); // which is the visitor's own no
  }
};
watch("value", () => {
  const field = element.querySelector("input");
  if (!field) return;
  const path = field.dataset.path;
  field.value = path.startsWith("/") ? root + path : `${root}/${path}`;
  if (navigator.share && matchMedia("(pointer: coarse)").matches) hand(field.value);
  else copy();
});
element.addEventListener("click", (event) => {
  if (event.target.closest("button")) copy();
});
