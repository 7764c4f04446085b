"""What this package raises when a person, not the program, has to do something else.

An error has a code and fields. `messages.toml` has the English sentence for each code, and the page's
languages have theirs (`Words.error`).
"""

import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Self

_LONGEST = 80  # characters of a value in a sentence

# Whom it concerns -> code -> the English sentence, with {fields}.
MESSAGES: dict[str, dict[str, str]] = tomllib.loads(
    Path(__file__).with_name("messages.toml").read_text(encoding="utf-8")
)
_ENGLISH = {code: form for table in MESSAGES.values() for code, form in table.items()}


def in_english(code: str, /, **fields: Any) -> str:
    """The English sentence for a code of `messages.toml`, with its fields filled in.

    Raises:
        KeyError: there is no such code, or one of its fields is missing.
    """
    return _ENGLISH[code].format(**fields)


def shown(value: object) -> str:
    """The value as a sentence quotes it: `repr`, of which a long one loses its middle."""
    text = repr(value)
    if len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST // 2]} … {text[3 - _LONGEST // 2 :]}"


class StyleTransferError(Exception):
    """Base of all errors whose message is fit to show to a visitor as it is: an English sentence.

    Args:
        code: out of `messages.toml`.
        fields: what its sentence names.

    Raises:
        KeyError: as `in_english`.
    """

    def __init__(self, code: str, /, **fields: Any) -> None:
        self.code = code
        self.fields = fields
        super().__init__(in_english(code, **fields))

    def __reduce__(self) -> tuple[Callable[..., Self], tuple[()]]:
        # Exception's own would make it from the sentence instead of the code.
        return partial(type(self), self.code, **self.fields), ()

    @property
    def written(self) -> dict[str, Any]:
        """The error as plain values, of which `again` makes it again."""
        return {"code": self.code, "fields": self.fields}

    @classmethod
    def again(cls, written: dict[str, Any]) -> Self:
        """The error that was `written`.

        Raises:
            KeyError: as `in_english`.
        """
        return cls(written["code"], **written["fields"])

    def alone(self) -> Self:
        """The same error without traceback and causes, whose frames would keep pictures in memory."""
        self.__cause__ = self.__context__ = None
        return self.with_traceback(None)


class SettingsError(StyleTransferError, ValueError):
    """A setting is out of its range or of the wrong type."""


class ImageError(StyleTransferError, ValueError):
    """A picture cannot be read, or cannot be used with these settings."""


class NetworkError(StyleTransferError):
    """The network's weights are missing or not the ones that were expected."""


class DeviceError(StyleTransferError):
    """The device asked for does not exist here."""


class PublishingError(StyleTransferError):
    """The page cannot be put on a Hugging Face Space."""
