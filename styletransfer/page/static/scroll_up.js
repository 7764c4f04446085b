// Scrolls up to the picture, which may be out of sight on a phone or from the examples.
() => {
  window.scrollTo({ top: 0 });
};
