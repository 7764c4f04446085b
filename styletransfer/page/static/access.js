// What screen readers and keyboards need and Gradio leaves out, also for what appears later.

// Gradio says that every page is English; screen readers would read it so.
document.documentElement.lang = LANGUAGE;

const set = (element, name, value) => {
  if (element && value && element.getAttribute(name) !== value) element.setAttribute(name, value);
};
// biome-ignore lint/performance/useDomNodeTextContent: what is seen, without hidden parts
const said = (block, part) => block?.querySelector(`[data-testid="${part}"]`)?.innerText.trim();

const mend = () => {
  for (const button of document.querySelectorAll("button.label-wrap")) {
    set(button, "aria-expanded", String(button.classList.contains("open")));
    set(button.querySelector(".icon"), "aria-hidden", "true");
  }
  // Every box for a picture has the same English name; its own is on it.
  for (const button of document.querySelectorAll("button[aria-dropeffect]")) {
    const name = said(button.closest(".block"), "block-label");
    // biome-ignore lint/performance/useDomNodeTextContent: what is seen, in lines as it is seen
    if (name) set(button, "aria-label", `${name}: ${button.innerText.trim()}`);
  }
  for (const input of document.querySelectorAll(".knob :is(input[type=number], input[type=range])"))
    set(input, "aria-label", said(input.closest(".knob"), "block-info"));
  // Each radio button is in a group of its own: arrow keys would not lead to the next.
  for (const group of document.querySelectorAll("fieldset[id]"))
    for (const input of group.querySelectorAll("input[type=radio]")) set(input, "name", group.id);
};

let waiting = false;
new MutationObserver(() => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    mend();
  });
}).observe(document.documentElement, {
  subtree: true,
  childList: true,
  attributes: true,
  attributeFilter: ["class"],
});
