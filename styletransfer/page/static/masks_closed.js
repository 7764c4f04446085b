// The strokes are with the server: a picture may be painted with them.
() => {
  window.holdForStrokes(false);
  return [];
};
