// Adds attributes for screen readers and keyboards that Gradio leaves out, also to later elements.

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
  // Gradio gives every picture box the same English name; the box's own label is better.
  for (const button of document.querySelectorAll("button[aria-dropeffect]")) {
    const name = said(button.closest(".block"), "block-label");
    // biome-ignore lint/performance/useDomNodeTextContent: what is seen, in lines as it is seen
    if (name) set(button, "aria-label", `${name}: ${button.innerText.trim()}`);
  }
  for (const input of document.querySelectorAll(".knob :is(input[type=number], input[type=range])"))
    set(input, "aria-label", said(input.closest(".knob"), "block-info"));
  // Gradio puts every radio button into a group of its own, so that arrow keys would not reach the next one.
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
