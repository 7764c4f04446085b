// Whenever Gradio tells a component how an event is getting on, it asks the editor for masks for its value, and the
// editor uploads all of its pictures for that: hundreds of times for one stroke. Each is uploaded once. A file
// that somebody chooses has an upload_id, and is none of these. Two of the editor's pictures are copies of the whole photo
// that nothing asks for: a single point goes in the place of each.
const COPIES = ["background.png", "composite.png"];
const POINT = Uint8Array.from(
  atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="),
  (each) => each.charCodeAt(0),
);
const sent = window.fetch;
const LASTS = 60000; // milliseconds for which an upload is not made again
const uploads = new Map(); // what was uploaded -> the answer, which may still come

// FNV-1a, 32 bits: there is crypto.subtle in secure contexts only.
const hashed = async (file) => {
  let hash = 0x811c9dc5;
  for (const byte of new Uint8Array(await file.arrayBuffer())) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return `${file.name} ${file.size} ${hash >>> 0}`;
};

const uploadedOnce = async (files, upload) => {
  const key = (await Promise.all(files.map(hashed))).join(" ");
  const there = uploads.get(key);
  if (there) return (await there).clone();
  const answer = upload();
  uploads.set(key, answer);
  const forget = () => uploads.get(key) === answer && uploads.delete(key);
  setTimeout(forget, LASTS);
  answer.then(({ ok }) => ok || forget(), forget);
  return (await answer).clone();
};
window.addEventListener("line-back", () => uploads.clear()); // perhaps another server, without these files

window.fetch = (request, options) => {
  const { body } = options ?? {};
  let files = body instanceof FormData ? body.getAll("files") : [];
  const isEditors = String(request).endsWith("/gradio_api/upload") && files.length > 0;
  if (isEditors) {
    files = files.map((file) =>
      COPIES.includes(file.name) ? new File([POINT], "copy.png", { type: "image/png" }) : file,
    );
    body.delete("files");
    for (const file of files) body.append("files", file);
  }
  const upload = () => sent(request, options);
  return isEditors ? uploadedOnce(files, upload) : upload();
};
