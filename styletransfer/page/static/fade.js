// Keeps the previous picture behind the new one until the new one has been loaded and has faded in.
document.addEventListener(
  "load",
  (event) => {
    const image = event.target;
    if (image.tagName !== "IMG" || !image.closest("#picture")) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const fade = image.animate([{ opacity: 0 }, { opacity: 1 }], still ? 0 : 250);
    fade.onfinish = () => {
      image.parentElement.style.backgroundImage = `url("${image.src}")`;
    };
  },
  true,
);
