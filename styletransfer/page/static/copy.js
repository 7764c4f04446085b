// Copies the link in the field as soon as it appears, and again when the button is pressed. Where there is no
// mouse, the system's own sheet for sharing opens first, with the picture where it takes files.

// Only the browser knows the page's public address, because there may be a proxy before the server.
const root = location.origin + location.pathname.replace(/\/$/, "");
const copy = () => window.copied(element.querySelector("input"), element.querySelector(".said"));

// Whoever has shared a painting can take it back, also before any picture.
const renew = () =>
  element.closest("#studio").toggleAttribute("data-shared", window.remembered.shared.length > 0);
renew();

// The shared picture as a file, where the link is that of a picture and the system takes files.
const filesAt = async (url) => {
  if (!/\/picture\/[\w-]+$/.test(url) || !navigator.canShare) return [];
  const name = "painted.jpg";
  const takes = navigator.canShare({ files: [new File([], name, { type: "image/jpeg" })] });
  const answer = takes && (await fetch(`${url}.jpg`));
  return answer?.ok ? [new File([await answer.blob()], name, { type: "image/jpeg" })] : [];
};
const hand = async (url) => {
  try {
    const files = await filesAt(url).catch(() => []);
    await navigator.share({ title: document.title, url, ...(files.length && { files }) });
  } catch (error) {
    if (error.name !== "AbortError") copy(); // which is the visitor's own no
  }
};
watch("value", () => {
  const key = element.querySelector("[data-key]")?.dataset.key;
  const known = window.remembered.shared;
  if (key && !known.includes(key)) window.remembered.shared = [key, ...known];
  renew();
  const field = element.querySelector("input");
  if (!field) return;
  const path = field.dataset.path;
  field.value = path.startsWith("/") ? root + path : `${root}/${path}`;
  // Where there is something to be decided first, the sheet would lie over it.
  const isAsked = element.querySelector(".offer");
  if (navigator.share && !isAsked && matchMedia("(pointer: coarse)").matches) hand(field.value);
  else copy();
});
element.addEventListener("click", (event) => {
  if (event.target.closest("[data-share-painting]")) trigger("select", {});
  else if (event.target.closest(".copy")) copy();
});
