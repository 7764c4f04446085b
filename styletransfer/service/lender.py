"""Who lends GPUs: the `spaces` package on Hugging Face's ZeroGPU, and what its refusals mean."""

import contextlib
import contextvars
import logging
import re
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from ..errors import StyleTransferError

try:
    import spaces
except ImportError:  # it has no release for this Python, with which no Space runs
    spaces = None

_log = logging.getLogger(__name__)

# What a generator function becomes by `lend(function, duration=seconds_of)`: each call runs in a process
# of its own that has a GPU for so long. On other machines the function stays as it is.
lend: Any = spaces and spaces.GPU

_FORKING = threading.RLock()  # whoever has it may fork; reentrant, as `fork_in_turn` may be called twice

_SHORT = re.compile(r"\((\d+)s requested vs\. (-?\d+)s left\)")
_WAIT = re.compile(r"Try again in (?:(\d+) days?, )?(\d+):(\d+):\d+")


def begin() -> None:
    """Tells the lender that this server is ready, without which it would be ended after its start.

    `Blocks.launch` does so by itself; the page is mounted instead, and its lender says to call this.
    """
    from spaces import disable_gradio_auto_wrap, zero

    disable_gradio_auto_wrap()  # a variable can ask for it; but no handler of the page needs a GPU
    zero.startup()


def fork_in_turn() -> None:
    """Has lent processes begin one after the other, whatever their visitors do at the same time.

    `spaces` forks this process for each. From Python 3.12 on `filelock`, which comes with it, raises if
    one thread forks while another one does: the second visitor's picture would fail.
    """
    wrappers: Any = sys.modules.get("spaces.zero.wrappers")  # is there on a ZeroGPU Space only
    if wrappers is None:
        return
    begin_one = wrappers.Worker.__init__

    def begin_in_turn(self: Any, *given: Any) -> None:
        with _FORKING:
            begin_one(self, *given)

    wrappers.Worker.__init__ = begin_in_turn


def quota(seconds: int) -> int:
    """What asking for so many seconds counts for in a visitor's daily time.

    Half a card counts more than once where it is slower than the half of the card that times are given
    for. The factor is not public; without it the seconds count once.
    """
    try:
        from spaces.zero.client import get_duration_seconds

        counted: float = get_duration_seconds(timedelta(seconds=seconds), None)
        return round(counted)
    except (ImportError, AttributeError, TypeError, KeyError):
        return seconds


@contextlib.contextmanager
def explained(seconds: int) -> Iterator[None]:
    """Raises, in place of the lender's errors, what they mean for the visitor.

    Args:
        seconds: that are asked for.

    Raises:
        StyleTransferError: no GPU was lent, or it was taken back, which `TimeoutError` means as well.
    """
    _leave_the_event()
    try:
        yield
    except StyleTransferError:
        raise
    except Exception as refusal:
        raise _meaning(refusal, quota(seconds)) from refusal


def _leave_the_event() -> None:
    """Forgets in this thread by which event of Gradio's its job was started; the visitor stays known.

    A job outlives that event, and the lender would give up when the event's page is closed.
    """
    for variable in contextvars.copy_context():
        if variable.name == "event_id":
            variable.set(None)


def _meaning(refusal: Exception, asked: int) -> StyleTransferError:
    """What an error of the lender's means, by its title, or by its text where a title has two senses.

    Args:
        refusal: the error.
        asked: the seconds of the visitor's daily time that were asked for.
    """
    title, said = getattr(refusal, "title", ""), str(getattr(refusal, "message", refusal))
    if said.startswith("No GPU was available"):
        meaning = StyleTransferError("no_gpu_free")
    elif title == "ZeroGPU quota exceeded":
        meaning = _used_up(said)
    elif title == "ZeroGPU illegal duration":
        meaning = StyleTransferError("gpu_time_not_granted", asked=asked)
    elif title == "ZeroGPU pending credits exceeded":
        meaning = StyleTransferError("gpu_time_taken")
    elif said == "GPU task aborted" or isinstance(refusal, TimeoutError):
        meaning = StyleTransferError("gpu_taken_back")
    elif said == "Expired ZeroGPU proxy token":
        meaning = StyleTransferError("gpu_pass_expired")
    else:
        _log.error("no GPU was lent, or it failed: %s %s", title, said, exc_info=refusal)
        meaning = StyleTransferError("gpu_failed")
    return meaning


def _used_up(said: str) -> StyleTransferError:
    short, wait = _SHORT.search(said), _WAIT.search(said)
    if short is None or wait is None:
        return StyleTransferError("gpu_time_used_up")
    days, hours, minutes = (int(each or 0) for each in wait.groups())
    return StyleTransferError(
        "gpu_time_too_short",
        asked=int(short[1]),
        left=max(0, int(short[2])),
        hours=24 * days + hours,
        minutes=minutes + 1,  # its seconds, rounded up
    )
