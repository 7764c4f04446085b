// The link back to a job that goes on by itself, and what tells of its end: a notification of the browser and a
// soft sound, each only if it was asked for here. Both need this page to be open in some tab.
const find = (selector) => element.querySelector(selector);
const root = location.origin + location.pathname;
let audio; // made at the press of the box, as browsers want it
let job; // whose end is told
const asked = { notify: false, sound: false };

const notify = (text) => {
  try {
    const note = new Notification(text, { icon: "./icons/192.png", tag: job });
    note.onclick = () => window.focus();
  } catch {
    // phones let only other kinds of scripts do that
  }
};

const ask = {
  notify: async (box) => {
    const refused = find(".refused");
    const allowed = window.Notification && (await Notification.requestPermission()) === "granted";
    refused.textContent = allowed ? "" : refused.dataset.refused;
    box.checked &&= Boolean(allowed);
  },
  sound: async () => {
    audio ??= new AudioContext();
    await audio.resume();
    window.chime(audio);
  },
};
element.addEventListener("change", async ({ target }) => {
  if (target.checked) await ask[target.name]?.(target);
  asked[target.name] = target.checked;
  job = find("[data-job]")?.dataset.job;
});

const copy = () => window.copied(find("input[readonly]"), find(".said"));
element.addEventListener("click", ({ target }) => {
  if (target.closest(".copy")) copy();
});
watch("value", () => {
  const field = find("input[readonly]");
  if (!field) return;
  field.value = `${root}#run=${find("[data-job]").dataset.job}`;
  for (const box of element.querySelectorAll("[type=checkbox]")) box.checked = asked[box.name];
  find(".copy").focus({ preventScroll: true });
});

// The placard says when the job has ended.
const status = document.querySelector("#status");
const ended = () => {
  const card = status.querySelector(".placard:is(.done, .failed)[data-job]");
  if (!card) return;
  if (find("[data-job]")?.dataset.job === card.dataset.job) props.value = "";
  if (card.dataset.job !== job) return;
  job = undefined;
  if (asked.notify) notify(card.querySelector(".what").textContent);
  if (asked.sound) window.chime(audio);
  asked.notify = asked.sound = false;
};
new MutationObserver(ended).observe(status, { subtree: true, childList: true, attributes: true });
