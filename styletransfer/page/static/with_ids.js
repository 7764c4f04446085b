// Hands on so many inputs, and after them the ids of all this browser's pictures.
(...inputs) => [...inputs.slice(0, INPUTS), JSON.parse(localStorage.getItem(PICTURES_KEY) || "[]")];
