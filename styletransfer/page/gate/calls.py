"""The calls of the page's functions: whether a request asks for what there is, with what it takes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import shown
from .doors import PUBLIC
from .refusals import Refused

_SESSION = re.compile(r"[\w-]{1,64}")
# What the page posts with the index of one of its functions: those that Gradio queues, and the others.
_QUEUED, _AT_ONCE = "/queue/join", "/run/predict"
# What programs post to the public endpoint: values by name, or in the order of its parameters.
_NAMED, _IN_ORDER = f"/call/v2/{PUBLIC}", f"/call/{PUBLIC}"


@dataclass(frozen=True)
class Function:
    """One of the page's functions.

    Attributes:
        queued: whether Gradio queues it.
        values: how many it takes.
    """

    queued: bool
    values: int


class Calls:
    """What can be called.

    Args:
        functions: the page's functions by their index.
        parameters: of the public endpoint, by name.
    """

    def __init__(self, functions: Mapping[int, Function], parameters: Sequence[str]) -> None:
        self._functions = functions
        self._parameters = parameters

    @property
    def values(self) -> int:
        """How many values a call of the public endpoint has at most."""
        return len(self._parameters)

    def check(self, call: dict[str, Any], path: str) -> None:
        """Checks a call against what there is; values are for the functions themselves to check.

        Args:
            call: the parsed body.
            path: of the request, without a slash at the end.

        Raises:
            Refused: there is no such function or parameter, or values are missing.
        """
        if path.endswith(_NAMED):
            self._check_names(call)
            return
        session = call.get("session_hash")
        if session is not None and not (isinstance(session, str) and _SESSION.fullmatch(session)):
            raise Refused("field_wrong", field="session_hash")
        if call.get("batched"):  # several calls as one, which none of the functions takes
            raise Refused("field_wrong", field="batched")
        if path.endswith((_QUEUED, _AT_ONCE)):
            _check_values(call, self._function(call, path).values)
        elif path.endswith(_IN_ORDER):
            _check_values(call, len(self._parameters))

    def _check_names(self, call: dict[str, Any]) -> None:
        for name in call:
            if name not in self._parameters:
                there_are = ", ".join(self._parameters)
                raise Refused("no_such_parameter", value=shown(name), parameters=there_are)

    def _function(self, call: dict[str, Any], path: str) -> Function:
        index = call.get("fn_index")
        function = self._functions.get(index) if type(index) is int else None
        if function is None or (function.queued and path.endswith(_AT_ONCE)):
            raise Refused("field_wrong", field="fn_index")
        return function


def _check_values(call: dict[str, Any], wanted: int) -> None:
    values = call.get("data")
    if not isinstance(values, list) or len(values) < wanted:
        given = len(values) if isinstance(values, list) else 0
        raise Refused("values_missing", wanted=wanted, given=given)
