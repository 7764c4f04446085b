// What choices.js brings back, with the photo under the masks, if they have been opened.
(underMasks) => window.choices.back(underMasks);
