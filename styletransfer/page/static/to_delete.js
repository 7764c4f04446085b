// Passes on the first INPUTS inputs, followed by the ids of all pictures of this browser and the keys of the
// paintings that it has shared.
(...inputs) => [
  ...inputs.slice(0, INPUTS),
  { pictures: window.remembered.pictures, paintings: window.remembered.shared },
];
