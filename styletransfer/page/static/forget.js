// Forgets the ids of pictures that are no longer in the strip, because the server has dropped them.
watch("value", () => {
  if (props.value)
    localStorage.setItem(PICTURES_KEY, JSON.stringify(props.value.map((picture) => picture.id)));
});
