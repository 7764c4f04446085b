"""What this package raises when a person, not the program, has to do something else."""

_LONGEST = 80  # characters of a value in a sentence


def shown(value: object) -> str:
    """The value as a sentence quotes it: `repr`, of which a long one loses its middle."""
    text = repr(value)
    if len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST // 2]} … {text[3 - _LONGEST // 2 :]}"


class StyleTransferError(Exception):
    """Base of all errors whose message is fit to show to a visitor as it is."""


class SettingsError(StyleTransferError, ValueError):
    """A setting is out of its range or of the wrong type."""


class ImageError(StyleTransferError, ValueError):
    """A picture cannot be read, or cannot be used with these settings."""


class NetworkError(StyleTransferError):
    """The network's weights are missing or not the ones that were expected."""


class DeviceError(StyleTransferError):
    """The device asked for does not exist here."""
