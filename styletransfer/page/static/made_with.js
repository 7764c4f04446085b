// Knows with which choices this tab had its pictures painted. While all that is chosen is what the shown picture was
// made with, "Use these settings" would change nothing: then the studio has data-alike, by which results.css hides it.
const studio = element.closest("#studio");
const made = new Map(); // what was chosen when Paint was pressed, by the job's id
let pressed; // what was chosen when Paint was pressed last, and the job that was shown then

const shown = () => element.querySelector(".placard")?.dataset.job;
// The folder of an upload is named for what is in the file, so that the same file, handed in twice, is the same.
const named = (value) => value?.path?.split(/[\\/]/).slice(-2).join("/") ?? value;
const chosen = () => JSON.stringify(window.choices?.now().map(named));
const renew = () => {
  const job = shown();
  if (job && pressed && job !== pressed.over) {
    made.set(job, pressed.choices);
    pressed = undefined;
  }
  studio.toggleAttribute("data-alike", made.has(job) && made.get(job) === chosen());
};
// Any other button, such as that for more steps, may bring another job.
document.addEventListener(
  "click",
  ({ target }) => {
    const button = target.closest("button");
    if (button) pressed = button.id === "paint" ? { choices: chosen(), over: shown() } : undefined;
  },
  true,
);
document.addEventListener("chosen", renew);
watch("value", renew);
