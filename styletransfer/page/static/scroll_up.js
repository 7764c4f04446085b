// On a phone, and from below the fold, the picture is brought into view.
() => {
  window.scrollTo({ top: 0 });
};
