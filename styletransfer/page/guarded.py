"""The page as Gradio runs it: whatever a handler of an event raises becomes a sentence that is seen.

Gradio itself would only end the event, so that the visitor would wait for something that never comes.
It would also keep the configuration of every component for every page load.
"""

import errno
import hashlib
import inspect
import json
import logging
import math
import sys
import time
from collections.abc import AsyncGenerator, Mapping
from copy import copy
from typing import Any

import gradio as gr
from gradio.blocks import BlockFunction
from gradio.context import LocalContext
from gradio.exceptions import InvalidPathError
from gradio.state_holder import SessionState
from pydantic import ValidationError

from ..errors import StyleTransferError, shown
from ..service import decoding
from . import placard
from .components import View, visitor_of
from .i18n.translate import Words
from .ui import Ui

# The header in which line.js names the page that an event is from, by its `app_id`.
PAGE = "x-page"

# What the system says of a path that it does not take: no upload of ours has one.
_NO_PATHS = {errno.ENAMETOOLONG, errno.ELOOP}

_PAUSE = 60  # seconds after which the same failure is logged at length again

_logged: dict[tuple[str, type], float] = {}  # when, by what failed and how
_log = logging.getLogger(__name__)


class GuardedBlocks(gr.Blocks):
    """A page of which every event is guarded, because all of them pass through two methods here.

    The sentence appears where the visitor looks: in the placard if the event was to update it bit by
    bit, else in the one note that the event sets, else in a message over the page, which is also what
    programs get. Nothing else on the page changes. All three are live regions for screen readers.
    """

    _ui: Ui
    _texts: Words

    def guard(self, ui: Ui, texts: Words) -> None:
        """Says where and in which language errors are told; to be called before the page is served."""
        self._ui, self._texts = ui, texts
        self.app_id = _fingerprint(self.fns)

    def queue(self, *given: Any, **named: Any) -> gr.Blocks:
        """The page, with a queue in which any number of events may wait.

        On a Space with borrowed GPUs Gradio lets one wait, unless it is given a number, and refuses the
        others: presses of buttons are lost. No event here borrows a GPU; jobs do, and have their line.
        """
        return super().queue(*given, **{"max_size": sys.maxsize} | named)

    async def call_function(
        self, block_fn: BlockFunction, sent: list[Any], iterator: Any = None, *given: Any, **named: Any
    ) -> dict[str, Any]:
        """The handler's answer; if it raises, an answer that says so in placard or note."""
        try:
            return await super().call_function(block_fn, sent, iterator, *given, **named)
        except gr.Error:
            raise  # is meant to be shown as it is
        except Exception as cause:  # whatever it is, the visitor has to read of it
            error = _explained(cause)
            view = self._placed(block_fn, error)
            if view is None:
                raise
            _log_unless_foreseen(error, block_fn.name)
            # Gradio resets this only after a handler that has not raised. The components that it makes
            # next, for the outputs that stay as they are, would lack their attributes.
            LocalContext.in_event_listener.set(False)
            # A generator's last answer repeats the one before it, by which Gradio knows the iterator.
            rest = (iterator or _nothing()) if _is_generator(block_fn) else None
            going_on = rest is not None
            return {"prediction": view, "duration": 0.0, "is_generating": going_on, "iterator": rest}

    async def process_api(self, *given: Any, **named: Any) -> dict[str, Any]:
        """As Gradio's; an error that has no place on the page yet is raised as a message over it."""
        request = named.get("request")
        decoding.asker.set(visitor_of(request).address if request else None)
        try:
            self._check_page(request)
            return await super().process_api(*given, **named)
        except gr.Error as error:
            error.print_exception = False  # it is told the visitor, whose mistake it is
            raise
        except Exception as cause:  # the same for what Gradio does before and after the handler
            error = _explained(cause)
            _log_unless_foreseen(error, "an event")
            said = self._texts.error(error)
            # It stays until the visitor closes it.
            raise gr.Error(
                said, duration=None, title=self._texts.FAILED, print_exception=False
            ) from None
        finally:
            if session := _session(*given, *named.values()):
                self._lighten(session)

    def _check_page(self, request: gr.Request | None) -> None:
        """Refuses the events of a page that an earlier server has sent, if they mean something else now.

        A page names an event by its number only.
        """
        page = request and request.headers.get(PAGE)
        if page and page != str(self.app_id):
            raise gr.Error(
                self._texts.PAGE_OLD, duration=None, title=self._texts.FAILED, print_exception=False
            )

    def _lighten(self, session: SessionState) -> None:
        """Drops what Gradio keeps of every visitor's components after an event: 275 kB a page load.

        The configurations are for Gradio's deep links, which this page does not have. The components as
        last updated are for handlers that are given components, or values made ready by them.
        """
        session.config_values.clear()
        session.blocks_config.blocks = copy(self.default_config.blocks)

    def _placed(self, block_fn: BlockFunction, error: StyleTransferError) -> View | None:
        """The sentence in the placard or in a note; None if this event has neither for it."""
        if self._ui.status in block_fn.outputs:
            if not _is_generator(block_fn):
                return None  # the placard goes on saying what the page shows
            return {self._ui.status: placard.failed(error, self._texts)}
        notes = [note for note in self._ui.all_notes if note in block_fn.outputs]
        if len(notes) != 1:
            return None
        return {notes[0]: placard.note(self._texts.error(error))}


def _fingerprint(events: Mapping[int, BlockFunction]) -> int:
    """A number that is the same for all pages whose events have the same numbers and meanings."""
    meanings = [
        (
            number,
            event.name,
            *([type(each).__name__, each.elem_id] for each in event.inputs + event.outputs),
        )
        for number, event in events.items()
    ]
    digest = hashlib.sha256(json.dumps(meanings).encode()).digest()
    return int.from_bytes(digest[:6], "big")  # as many bits as JavaScript counts exactly


def _is_generator(block_fn: BlockFunction) -> bool:
    return inspect.isasyncgenfunction(block_fn.fn) or inspect.isgeneratorfunction(block_fn.fn)


async def _nothing() -> AsyncGenerator[View]:
    """A generator that ends at once."""
    return
    yield {}


def _session(*given: Any) -> SessionState | None:
    """The visitor's session among the arguments that Gradio passes on."""
    return next((each for each in given if isinstance(each, SessionState)), None)


def _explained(cause: Exception) -> StyleTransferError:
    """What can be said of this exception to visitors."""
    if isinstance(cause, InvalidPathError) or getattr(cause, "errno", None) in _NO_PATHS:
        return StyleTransferError("picture_not_uploaded")
    if isinstance(cause, ValidationError):  # a value that no component of the page sends
        return StyleTransferError("request_wrong")
    return cause if isinstance(cause, StyleTransferError) else StyleTransferError("page_failed")


def _log_unless_foreseen(error: StyleTransferError, what: str) -> None:
    """Logs the exception that is being handled, unless it was the visitor's mistake, who is told.

    The same failure is one line for the next minute: whoever can bring it about must not fill the log.
    """
    if error.code != "page_failed":
        return
    cause, now = sys.exception(), time.monotonic()
    kind = what, type(cause)
    if now - _logged.get(kind, -math.inf) < _PAUSE:
        _log.error("%s failed again: %s", what, shown(cause))
    else:
        _logged[kind] = now
        _log.exception("%s failed", what)
