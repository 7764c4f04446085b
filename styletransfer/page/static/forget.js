// What the strip does not have any more, nobody has.
watch("value", () => {
  if (props.value)
    localStorage.setItem(PICTURES_KEY, JSON.stringify(props.value.map((picture) => picture.id)));
});
