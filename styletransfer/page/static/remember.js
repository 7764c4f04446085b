// Remembers the id of the picture that is shown. Removes the look from the address, so that a reload comes
// back to the picture and not to the link.
watch("value", () => {
  const job = element.querySelector("[data-job]")?.dataset.job;
  if (!job) return;
  window.remembered.own = job;
  const all = window.remembered.pictures;
  if (!all.includes(job)) window.remembered.pictures = [job, ...all];
  const address = new URL(location.href);
  for (const name of LINK_NAMES) address.searchParams.delete(name);
  if (address.href === location.href) return;
  try {
    history.replaceState(history.state, "", address);
  } catch {
    // a sandboxed frame keeps its address
  }
});
