// Remembers the id of the picture that is shown. Removes the look from the address, so that a reload comes
// back to the picture and not to the link.
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
