"""Serves the page on http://127.0.0.1:7860; the app file of a Hugging Face Space."""

from styletransfer.page.command import main

if __name__ == "__main__":
    main()
