// A tab first asks for the job of its own: all tabs share the others.
() => ({
  own: sessionStorage.getItem(JOB_KEY),
  newest: JSON.parse(localStorage.getItem(PICTURES_KEY) || "[]")[0],
});
