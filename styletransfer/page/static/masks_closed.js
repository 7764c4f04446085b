// The strokes are with the server, or could not be sent, which has been said: a picture may be painted.
() => {
  window.holdForStrokes(false);
  return [];
};
