"""Options of the server in the environment: STYLETRANSFER_PER_VISITOR=3 is --per-visitor 3."""

import argparse
import logging
import os
from collections.abc import Mapping, Sequence

_PREFIX = "STYLETRANSFER_"
_ON, _OFF = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}

_log = logging.getLogger(__name__)


def parse(
    parser: argparse.ArgumentParser,
    arguments: Sequence[str] | None = None,
    flags: Sequence[str] = (),
    environment: Mapping[str, str] = os.environ,
) -> argparse.Namespace:
    """The options as parsed; what the command line says goes before what the environment says.

    A wrong value is refused by the parser in the same words, wherever it stands. A variable that names
    no option is passed over with a warning, and an empty one without.

    Args:
        parser: that knows the options.
        arguments: of the command line; by default those of the process.
        flags: the options without a value, such as "--share". As variables they are "yes" or "no".
        environment: the variables.
    """
    given = [
        _argument(name, value, flags)
        for name, value in environment.items()
        if name.startswith(_PREFIX) and value.strip()
    ]
    options, unknown = parser.parse_known_args([argument for argument in given if argument])
    for argument in unknown:
        option = argument.partition("=")[0]
        _log.warning("%s names no option of the server", variable_of(option))
    return parser.parse_args(arguments, options)


def variable_of(option: str) -> str:
    """The name of the environment variable that does what this option does."""
    return _PREFIX + option.strip("-").replace("-", "_").upper()


def _argument(variable: str, value: str, flags: Sequence[str]) -> str:
    option = "--" + variable.removeprefix(_PREFIX).replace("_", "-").lower()
    word = value.strip().lower()
    if option not in flags or word not in _ON | _OFF:
        return f"{option}={value}"
    return option if word in _ON else ""
