"""One setting as people meet it: its label, its range and its explanation, and the checks of a value.

Also the two small languages that settings are written in: layers with weights, and shares of paintings.
"""

import re
from dataclasses import dataclass
from typing import Any

from .errors import SettingsError, shown

_LAYER = re.compile(r"(conv|relu)([12]_[12]|[345]_[1-4])|pool[1-5]")
_WEIGHT = re.compile(r"\d{1,9}(\.\d*)?|\.\d+")
_MOST_SHARE = 100
_SWITCH = {"true": True, "false": False}


@dataclass(frozen=True)
class Knob:
    """How one field of `Settings` is named, bounded and explained to people.

    Attributes:
        label: its name on the page.
        help: a sentence or two that explain it, on the page and in the command line's help.
        minimum: the least number allowed.
        maximum: the largest number allowed.
        step: from one position of the page's slider to the next.
        choices: the texts allowed, where it is a choice.
        layers: the value is a text that names layers of the network; see `weights_of`.
        shares: the value is a text of numbers, one for each painting; see `shares_of`.
        front: it stands in front on the page, not in a drawer.
        live: it may be changed while a picture is being painted.
        name: the field of `Settings`.
        kind: the type of the value.
        default: the value if nothing is said.
    """

    label: str
    help: str
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[str, ...] | None = None
    layers: bool = False
    shares: bool = False
    front: bool = False
    live: bool = False
    name: str = ""
    kind: type = float
    default: Any = None

    def check(self, value: Any) -> Any:
        """The value in the knob's own type.

        Args:
            value: of any type, as a program, a slider or JSON delivers it.

        Raises:
            SettingsError: of the wrong type, out of range, or none of the choices.
        """
        if self.choices is not None:
            self._check_choice(value, self.choices)
            return value
        if self.kind is str:
            self._check_text(value)
            return value
        if self.kind is bool:
            self._check_switch(value)
            return value
        self._check_number(value)
        return self.kind(value)

    def parse(self, text: str) -> Any:
        """The value that a text on a command line stands for, checked.

        Args:
            text: as it was typed.

        Raises:
            SettingsError: as `check`.
        """
        if self.choices is not None or self.kind is str:
            return self.check(text)
        if self.kind is bool:
            return self.check(_SWITCH.get(text, text))
        try:
            return self.check(float(text))
        except ValueError as error:
            if isinstance(error, SettingsError):
                raise
            return self.check(text)  # no number: raises with the knob's own sentence

    def text(self, value: Any) -> str:
        """The value as a text that `parse` reads, without a needless decimal point.

        Args:
            value: one that `check` allows.
        """
        if self.kind is bool:
            return next(text for text, meant in _SWITCH.items() if meant is value)
        return repr(value).removesuffix(".0") if self.kind is float else str(value)

    @property
    def range(self) -> str:
        """What may be given, in words: `from 0 to 10`, the choices, or `true or false`."""
        if self.choices is not None:
            return ", ".join(self.choices)
        if self.layers:
            return "names of layers, each with a weight or without"
        if self.shares:
            return f"numbers from 0 to {_MOST_SHARE}, one for each painting"
        if self.kind is bool:
            return " or ".join(_SWITCH)
        return f"from {self.minimum} to {self.maximum}"

    def _check_choice(self, value: Any, choices: tuple[str, ...]) -> None:
        if value not in choices:
            raise SettingsError(
                "not_a_choice", setting=self.name, choices=", ".join(choices), value=shown(value)
            )

    def _check_switch(self, value: Any) -> None:
        if not isinstance(value, bool):
            raise SettingsError("not_true_or_false", setting=self.name, value=shown(value))

    def _check_text(self, value: Any) -> None:
        if not isinstance(value, str):
            raise SettingsError("not_a_text", setting=self.name, value=shown(value))
        if self.layers:
            weights_of(value, self.name)
        if self.shares:
            shares_of(value, self.name)

    def _check_number(self, value: Any) -> None:
        bounds = {"setting": self.name, "minimum": self.minimum, "maximum": self.maximum}
        whole = self.kind is int
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        # JSON and sliders deliver 512.0 for 512; 512.5 is a mistake.
        # Not math.isfinite, which raises for an integer too large for a float.
        if not number or not -1e300 < value < 1e300 or (whole and value != int(value)):
            raise SettingsError(
                "not_a_whole_number" if whole else "not_a_number", **bounds, value=shown(value)
            )
        if not self.minimum <= value <= self.maximum:
            raise SettingsError("out_of_range", **bounds, value=value)


def weights_of(text: str, name: str = "layers") -> dict[str, float]:
    """Layer -> weight, in the order of the text; at least one weight is above 0.

    Args:
        text: names like `relu4_2` or `conv4_2:0.5`, separated by spaces or commas.
        name: the setting that the error names.

    Raises:
        SettingsError: no name, a name that no VGG has, one named twice, or a weight that is not
            a number from 0 on.
    """
    weights: dict[str, float] = {}
    for part in text.replace(",", " ").split():
        layer, _, weight = part.partition(":")
        if not _LAYER.fullmatch(layer) or layer in weights or not _WEIGHT.fullmatch(weight or "1"):
            raise SettingsError("not_layers", setting=name, value=shown(part))
        weights[layer] = float(weight or "1")
    if not any(weights.values()):
        raise SettingsError("not_layers", setting=name, value=shown(text))
    return weights


def shares_of(text: str, name: str = "blend") -> tuple[float, ...]:
    """The numbers in the text, from 0 to 100; at least one of them is above 0.

    Args:
        text: like `3 1`, separated by spaces or commas.
        name: the setting that the error names.

    Raises:
        SettingsError: no number, one that is not from 0 to 100, or nothing but zeros.
    """
    parts = text.replace(",", " ").split()
    wrong = [part for part in parts if not _WEIGHT.fullmatch(part) or float(part) > _MOST_SHARE]
    shares = () if wrong else tuple(float(part) for part in parts)
    if not any(shares):
        value = shown(wrong[0] if wrong else text)
        raise SettingsError("not_shares", setting=name, most=_MOST_SHARE, value=value)
    return shares
