// The strokes are with the server: a picture may be painted with them.
() => {
  window.holdPaint(false);
  return [];
};
