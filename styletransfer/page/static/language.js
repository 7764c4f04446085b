// By this Gradio's scripts, which run later, choose their own texts, and write it into the html tag.
Object.defineProperty(navigator, "language", { value: LANGUAGE });
