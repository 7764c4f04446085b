// What watch.js was told since the last time, as values of placard, picture and grid; what is left out stays.
() => {
  const { status, picture, sheet } = Object.assign({}, ...window.news.splice(0));
  return [status, picture, sheet];
};
