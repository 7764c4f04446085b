// Forgets the ids of pictures that are no longer in the strip, because the server has dropped them.
watch("value", () => {
  if (props.value) window.remembered.pictures = props.value.map((picture) => picture.id);
});
