// Tells choices.js what is chosen, which may come later.
(...values) => {
  window.chosen = values;
  window.choices?.tell(values);
  return [];
};
