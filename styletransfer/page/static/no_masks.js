// Empties the boxes of all masks.
() => [null, null, null, null, null];
