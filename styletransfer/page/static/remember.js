// Once a picture is shown, the browser remembers it. The address is a link's no longer: a reload comes
// back to the picture.
watch("value", () => {
  const job = element.querySelector("[data-job]")?.dataset.job;
  if (!job) return;
  sessionStorage.setItem(JOB_KEY, job);
  const all = JSON.parse(localStorage.getItem(PICTURES_KEY) || "[]");
  if (!all.includes(job)) localStorage.setItem(PICTURES_KEY, JSON.stringify([job, ...all]));
  const address = new URL(location.href);
  for (const name of LINK_NAMES) address.searchParams.delete(name);
  if (address.href !== location.href) history.replaceState(history.state, "", address);
});
