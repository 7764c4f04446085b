"""Environment variables that Gradio reads as numbers while it is imported, checked before that."""

import os
import sys

from .errors import SettingsError
from .knob import Knob

# Variable -> the largest number it may be.
_NUMBERS = {
    "GRADIO_SERVER_PORT": 65_535,
    "GRADIO_NUM_PORTS": 65_535,
    "GRADIO_NODE_NUM_PORTS": 65_535,
    "GRADIO_ANALYTICS_MAX_EVENTS": 1_000_000,
    "GRADIO_DEBUG": 1,
}


def check() -> None:
    """Exits with 2 and a sentence on stderr if one of them is not a number that Gradio can use."""
    try:
        for name, most in _NUMBERS.items():
            if name in os.environ:
                least = 0 if name == "GRADIO_DEBUG" else 1
                Knob("", "", least, most, name=name, kind=int).parse(os.environ[name])
    except SettingsError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
