// Brings back what this tab had chosen, once the job is found that it shows; kept_choices.js may come later.
() => {
  window.recallChoices = true;
  window.choices?.recall();
  return [];
};
