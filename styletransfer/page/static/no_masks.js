// Empties the boxes of all masks, and the strokes.
() => [null, null, null, null, null, null];
