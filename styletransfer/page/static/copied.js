// Copies what a field holds, and says beside it whether that worked. Some browsers do not allow copying after a
// request to the server; then the visitor can copy it from the field.
window.copied = async (field, said) => {
  field.focus();
  field.select();
  let done = false;
  try {
    await navigator.clipboard.writeText(field.value);
    done = true;
  } catch {
    done = document.execCommand("copy");
  }
  said.textContent = done ? said.dataset.copied : said.dataset.byHand;
};
