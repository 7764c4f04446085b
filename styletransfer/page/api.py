"""The HTTP API: `/stylize`, its only public endpoint."""

import asyncio
import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from typing import Any

import gradio as gr
from gradio.context import LocalContext

from ..errors import StyleTransferError
from ..pictures import EXTRAS, NAMES, REQUIRED
from ..service.files import PREVIEW
from ..service.run import Run
from ..service.store import Store
from ..service.watching import news
from ..settings import knobs
from .components import ANSWERED, file_of, visitor_of
from .i18n import english as texts
from .i18n.translate import Words
from .ui import Ui

# Calls of the endpoint that run at once. Gradio runs 40 events at once, and the page needs its share.
_AT_ONCE = 20
_UNREAD = 10  # events that may wait to be fetched

# The header in which a program says what it calls a request, so that the same one twice is one run.
KEY = "idempotency-key"

# The endpoint's parameters in their order, which is that of its inputs.
PARAMETERS = (*REQUIRED, *(knob.name for knob in knobs()), *EXTRAS)


class Api:
    """The endpoint that programs call, and the hidden components that Gradio needs for it.

    Attributes:
        progress, file: the outputs that the page itself does not show.
        button: is never shown; Gradio turns its click event into the endpoint.
    """

    progress: gr.Textbox
    file: gr.File
    button: gr.Button

    def __init__(self, store: Store, texts: Words) -> None:
        self._store = store
        self._texts = texts

    def here(self) -> None:
        """Makes the hidden components."""
        with gr.Column(visible=False):
            self.progress = gr.Textbox(label=self._texts.API_PROGRESS)
            self.file = gr.File(label=self._texts.PICTURE)
            self.button = gr.Button()

    def listen(self, ui: Ui) -> None:
        """Registers the endpoint."""
        # A list, because the order of the inputs is the order of the endpoint's parameters.
        required = [ui.boxes[name] for name in REQUIRED]
        controls = [ui.knobs.controls[knob.name] for knob in knobs()]
        self.button.click(
            endpoint(self._store),
            [*required, *controls, *ui.extras],
            [ui.picture, self.progress, self.file],
            api_name="stylize",
            **ANSWERED | {"concurrency_limit": _AT_ONCE},
        )


def endpoint(store: Store) -> Callable:
    """The handler of `/stylize`, whose named parameters are the pictures and every setting."""
    # Photo and painting have defaults, too, so that a missing one gets an error sentence of our own.
    defaults = (
        dict.fromkeys(REQUIRED) | {knob.name: knob.default for knob in knobs()} | dict.fromkeys(EXTRAS)
    )

    async def stylize(*sent: Any) -> AsyncIterator[tuple]:
        *values, request = sent
        given = dict(zip(defaults, values, strict=True))
        files = {name: file_of(given.pop(name)) for name in NAMES}
        key = request.headers.get(KEY, "")
        try:
            job = await store.programs.start(files, given, visitor_of(request), key)
        except StyleTransferError as error:
            raise _told(error) from None
        await asyncio.to_thread(store.uploads.note, job, files.values())
        yield None, _named(job), None
        async with aclosing(_previews(store, job, request)) as previews:
            async for preview in previews:
                yield preview
        yield await _result(store, job)

    _describe(stylize, defaults)
    return stylize


def _told(error: StyleTransferError) -> gr.Error:
    """The error as Gradio's clients get it: a sentence, and the code as its title."""
    return gr.Error(str(error), title=error.code, print_exception=False)


def _named(job: Run) -> str:
    """The progress before the first step: the name by which a program can ask for the run."""
    return f"run {job.id}"


def _is_read(request: gr.Request) -> bool:
    """Whether somebody fetches what this event has sent; Gradio goes on with it in any case."""
    blocks = LocalContext.blocks.get()
    unread = blocks and blocks._queue.pending_messages_per_session.get(request.session_hash)
    return unread is not None and unread.qsize() <= _UNREAD


async def _previews(store: Store, job: Run, request: gr.Request) -> AsyncGenerator[tuple]:
    """The outputs during painting: the picture so far, a line on the progress, and None for the file.

    Without a reader there are none, and the run is stopped like any other that nobody watches.
    """
    shown, preview = None, None
    async with aclosing(news(job)) as told:
        async for _ in told:
            if not _is_read(request):
                continue
            job.seen()
            if job.view is not shown:
                shown = job.view
                preview = await asyncio.to_thread(_preview, store, job)
            yield preview, str(job.step or _named(job)), None


def _preview(store: Store, job: Run) -> str | None:
    return store.uploads.preview(job, store.files.preview(job))


def _describe(stylize: Callable, defaults: Mapping[str, Any]) -> None:
    """Gives the function the signature and the docstring from which Gradio makes the API's schema.

    Args:
        stylize: a function of any number of values, followed by the request.
        defaults: the default values of its parameters, by name.
    """
    either = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(name, either, default=value) for name, value in defaults.items()]
    request = inspect.Parameter("request", either, default=None, annotation=gr.Request)
    stylize.__signature__ = inspect.Signature([*parameters, request])
    stylize.__annotations__["request"] = gr.Request
    stylize.__doc__ = texts.API.format(preview=PREVIEW) + "\n".join(
        [
            f"- {knob.name}: {knob.help} ({knob.range}; default {knob.text(knob.default)})"
            for knob in knobs()
        ]
        + [f"- {name}: the {words}, a picture" for name, words in EXTRAS.items()]
    )


async def _result(store: Store, job: Run) -> tuple[str, str, str]:
    file = None if job.error else await asyncio.to_thread(store.files.result, job)
    if file is None:
        raise _told(job.error or StyleTransferError("run_stopped"))
    return str(file), str(job.step), str(file)
