// Gradio's style sheets, in the place where it has them, before those of its components: of two rules that are as special the
// later one counts. But what is seen first does not wait for them, as it would for sheets in the HTML.
for (const href of SHEETS)
  document.head.append(
    Object.assign(document.createElement("link"), {
      rel: "stylesheet",
      crossOrigin: "",
      href,
    }),
  );
