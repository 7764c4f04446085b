// The ids of the job that this tab shows and of the newest job, which all tabs of the browser share.
() => ({
  own: sessionStorage.getItem(JOB_KEY),
  newest: JSON.parse(localStorage.getItem(PICTURES_KEY) || "[]")[0],
});
