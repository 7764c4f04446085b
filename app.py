"""Serves the page on http://127.0.0.1:7860; the app file of a Hugging Face Space."""

import contextlib

from styletransfer import environment
from styletransfer.interrupt import stop_quietly

if __name__ == "__main__":
    stop_quietly("")  # before torch and Gradio are imported, which takes seconds
    environment.check()
    # Before torch, which it keeps from CUDA where GPUs are borrowed; elsewhere it does nothing, and for
    # the newest Python it may not be there yet.
    with contextlib.suppress(ImportError):
        import spaces  # noqa: F401  # for what it does when it is imported

    from styletransfer.page.command import main

    main()
