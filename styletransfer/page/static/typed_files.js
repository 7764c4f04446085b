// Where the system knows no type for a file (HEIC, a name without an ending), the browser has none
// either, and Gradio refuses what is not image/*. Every file is let through here: the server looks into
// it, and says what is wrong with it.
const ACCEPTED = "image/*";
const typed = (file) =>
  file.type.startsWith("image/") ? file : new File([file], file.name, { type: "image/x-unknown" });

// The same files as the browser holds them, or null if all of them have a type already.
const retyped = (files) => {
  if ([...files].every((file) => typed(file) === file)) return null;
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(typed(file));
  return transfer;
};

addEventListener(
  "drop",
  (event) => {
    const transfer = retyped(event.dataTransfer?.files ?? []);
    if (!transfer) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const options = { dataTransfer: transfer, bubbles: true, cancelable: true };
    event.target.dispatchEvent(new DragEvent("drop", options));
  },
  true,
);
addEventListener(
  "change",
  (event) => {
    if (event.target.type !== "file") return;
    const transfer = retyped(event.target.files);
    if (transfer) event.target.files = transfer.files;
  },
  true,
);
addEventListener(
  "click",
  (event) => {
    if (event.target.type !== "file" || event.target.accept !== ACCEPTED) return;
    event.target.accept = `${ACCEPTED},.heic,.heif,.avif`; // where the dialogue would hide them
  },
  true,
);
