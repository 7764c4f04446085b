"""Every knob once: default, range and words. Sliders, options, the API and all checks read them here.

Knows nothing of pictures, networks or pages.
"""

import dataclasses
import re
import typing
from dataclasses import dataclass, field
from typing import Any

from .errors import SettingsError, shown

_LAYER = re.compile(r"(conv|relu)([12]_[12]|[345]_[1-4])|pool[1-5]")
_WEIGHT = re.compile(r"\d{1,9}(\.\d*)?|\.\d+")
_MOST_SHARE = 100


@dataclass(frozen=True)
class Knob:
    """How one field of `Settings` is named, bounded and explained to people."""

    label: str
    help: str
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[str, ...] | None = None
    layers: bool = False  # a text that names layers of the network; see `weights_of`
    shares: bool = False  # a text of numbers, one for each painting; see `shares_of`
    front: bool = False  # in front on the page, or under "Advanced"
    live: bool = False  # may be turned while a picture is being painted
    name: str = ""
    kind: type = float
    default: Any = None

    def check(self, value: Any) -> Any:
        """The value in the knob's own type.

        Raises:
            SettingsError: of the wrong type, out of range, or none of the choices.
        """
        if self.choices is not None:
            if value not in self.choices:
                choices = ", ".join(self.choices)
                raise SettingsError(
                    "not_a_choice", setting=self.name, choices=choices, value=shown(value)
                )
            return value
        if self.kind is str:
            if not isinstance(value, str):
                raise SettingsError("not_a_text", setting=self.name, value=shown(value))
            if self.layers:
                weights_of(value, self.name)
            if self.shares:
                shares_of(value, self.name)
            return value
        whole = self.kind is int
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        # JSON and sliders deliver 512.0 for 512; 512.5 is a mistake.
        # Not math.isfinite, which raises for an integer too large for a float.
        if not number or not -1e300 < value < 1e300 or (whole and value != int(value)):
            raise SettingsError(
                "not_a_whole_number" if whole else "not_a_number",
                setting=self.name,
                minimum=self.minimum,
                maximum=self.maximum,
                value=shown(value),
            )
        if not self.minimum <= value <= self.maximum:
            raise SettingsError(
                "out_of_range",
                setting=self.name,
                minimum=self.minimum,
                maximum=self.maximum,
                value=value,
            )
        return self.kind(value)

    def parse(self, text: str) -> Any:
        """The value that a text on a command line stands for, checked.

        Raises:
            SettingsError: as `check`.
        """
        if self.choices is not None or self.kind is str:
            return self.check(text)
        try:
            return self.check(float(text))
        except ValueError as error:
            if isinstance(error, SettingsError):
                raise
            return self.check(text)  # raises, with the knob's own sentence

    @property
    def range(self) -> str:
        """What may be given, in words: `from 0 to 10`, or the choices."""
        if self.choices is not None:
            return ", ".join(self.choices)
        if self.layers:
            return "names of layers, each with a weight or without"
        if self.shares:
            return f"numbers from 0 to {_MOST_SHARE}, one for each painting"
        return f"from {self.minimum} to {self.maximum}"


def weights_of(text: str, name: str = "layers") -> dict[str, float]:
    """Layer -> weight, from names like `relu4_2` or `conv4_2:0.5`, separated by spaces or commas.

    Raises:
        SettingsError: no name, a name that no VGG has, one named twice, or a weight that is not
            a number from 0 on.
    """
    weights: dict[str, float] = {}
    for part in text.replace(",", " ").split():
        layer, _, weight = part.partition(":")
        if not _LAYER.fullmatch(layer) or layer in weights or not _WEIGHT.fullmatch(weight or "1"):
            break
        weights[layer] = float(weight or "1")
    else:
        if any(weights.values()):
            return weights
        part = text
    raise SettingsError("not_layers", setting=name, value=shown(part))


def shares_of(text: str, name: str = "blend") -> tuple[float, ...]:
    """The numbers in a text like `3 1`, separated by spaces or commas.

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


def _knob(default: Any, label: str, help: str, **bounds: Any) -> Any:
    return field(default=default, metadata={"knob": Knob(label, help, **bounds)})


@dataclass(frozen=True)
class Settings:
    """All that shapes a run besides its pictures.

    Raises:
        SettingsError: on construction, for the first value that is not allowed.
    """

    content_weight: float = _knob(
        5.0,
        "Keep the photo (content weight)",
        "Higher keeps more of the photo's shapes. What counts is the ratio of the two weights.",
        minimum=0,
        maximum=10,
        step=0.1,
        front=True,
        live=True,
    )
    style_weight: float = _knob(
        5.0,
        "Follow the style (style weight)",
        "Higher lets the painting's strokes and colours take over.",
        minimum=0,
        maximum=10,
        step=0.1,
        front=True,
        live=True,
    )
    size: int = _knob(
        512,
        "Size",
        "Long side of the result in pixels. Twice the size takes four to five times as long.",
        minimum=128,
        maximum=4096,
        step=32,
        front=True,
    )
    steps: int = _knob(
        150,
        "Steps",
        "How long to paint. The picture is clear after 60 and changes little after 300.",
        minimum=1,
        maximum=3000,
        step=1,
    )
    show_every: int = _knob(
        5,
        "Show every N steps",
        "How often the picture on the page is renewed while it forms: every N steps, or about every 2 "
        "seconds where those take longer.",
        minimum=1,
        maximum=100,
        step=1,
    )
    smoothness: float = _knob(
        1.0,
        "Smoothness (total variation)",
        "Higher makes surfaces calmer and removes grain; too high blurs.",
        minimum=0,
        maximum=10,
        step=0.1,
        live=True,
    )
    scales: int = _knob(
        3,
        "Scales",
        "Sizes painted one after the other, each twice the one before, so that large strokes "
        "are laid down first. 1 paints at full size only.",
        minimum=1,
        maximum=6,
        step=1,
    )
    blend: str = _knob(
        "1",
        "Share of each painting",
        "How much each painting counts, in order: 3 1 gives the first three times the say of the "
        "second. Those not named count 1.",
        shares=True,
    )
    mask_softness: float = _knob(
        2.0,
        "Mask softness",
        "How far the edges of masks are blurred, in percent of the picture's long side.",
        minimum=0,
        maximum=10,
        step=0.5,
    )
    brush_scale: float = _knob(
        1.0,
        "Brush scale",
        "How large the painting's strokes become: the painting is looked at in this many times the "
        "result's size.",
        minimum=0.25,
        maximum=2,
        step=0.05,
    )
    colours: str = _knob(
        "painting",
        "Colours",
        "Whose colours the picture has. painting: the painting's. photo: the photo's, only light and "
        "dark are painted. matched: the painting's strokes, recoloured to the photo's palette first.",
        choices=("painting", "photo", "matched"),
    )
    colour_strength: float = _knob(
        1.0,
        "Colour strength",
        "How far the photo's colours replace the painting's, where Colours asks for them.",
        minimum=0,
        maximum=1,
        step=0.05,
    )
    start: str = _knob(
        "content",
        "Start",
        "What the canvas shows before the first step: the photo, noise, a quick draft by another "
        "network (the photo, where that one is not installed), or an image of your own.",
        choices=("content", "noise", "draft", "image"),
    )
    seed: int = _knob(
        0,
        "Seed",
        "Which noise to start from. On the same computer the same seed gives the same picture again.",
        minimum=0,
        maximum=2**31 - 1,
        step=1,
    )
    optimiser: str = _knob(
        "lbfgs",
        "Optimiser",
        "lbfgs (L-BFGS) needs the fewest steps. adam (Adam) is there for comparison.",
        choices=("lbfgs", "adam"),
    )
    step_size: float = _knob(
        0.1,
        "Adam's step size",
        "How far Adam moves each pixel at a step, in standard deviations of the channel in ImageNet's "
        "photos (0.229, 0.224, 0.225): the learning rate on pixels normalised by them.",
        minimum=0.005,
        maximum=1,
        step=0.005,
    )
    content_layers: str = _knob(
        "relu4_2",
        "Content layers",
        "Where the photo is compared. Deeper layers keep what is where and let details go. "
        "conv4_2 is before the ReLU, relu4_2 after it; relu3_2:0.5 weighs a layer by 0.5.",
        layers=True,
    )
    style_layers: str = _knob(
        "relu1_1:8 relu2_1:4 relu3_1:2 relu4_1:1 relu5_1:0.5",
        "Style layers",
        "Where the painting is compared, with the weight of each. Shallow layers carry colour and "
        "grain, deeper ones strokes and larger shapes.",
        layers=True,
    )
    scaling: str = _knob(
        "relative",
        "Loss scaling",
        "relative: each layer measured against the painting's own magnitude, so that the weights "
        "mean the same for every style. paper: as Gatys et al., each layer in units of its mean. "
        "tutorial: as in PyTorch's tutorial, mean squared errors, Gram matrices divided by C x H x W, "
        "the style times 1e6, layers summed.",
        choices=("relative", "paper", "tutorial"),
    )
    padding: str = _knob(
        "edge",
        "Padding",
        "What lies around the picture for the network's first layer. edge: its own edge, repeated. "
        "zeros: the mean colour, as the network was trained.",
        choices=("edge", "zeros"),
    )
    pooling: str = _knob(
        "maximum",
        "Pooling",
        "What a block of the network hands on of each 2 x 2 positions: the maximum, as it was trained, "
        "or twice the average, which Gatys et al. found a little more appealing.",
        choices=("maximum", "average"),
    )

    def __post_init__(self) -> None:
        for knob in knobs():
            object.__setattr__(self, knob.name, knob.check(getattr(self, knob.name)))
        if self.content_weight == self.style_weight == 0:
            raise SettingsError(
                "both_weights_zero", setting="content_weight", other_setting="style_weight"
            )

    def shares(self, styles: int) -> tuple[float, ...]:
        """The share of each of that many style images, as `blend` has it; those not named count 1.

        Raises:
            SettingsError: `blend` names more of them.
        """
        named = shares_of(self.blend)
        if len(named) > styles:
            raise SettingsError(
                "more_shares_than_paintings",
                setting="blend",
                paintings=styles,
                value=shown(self.blend),
            )
        return named + (1.0,) * (styles - len(named))

    def turned(self, to: "Settings") -> "Settings":
        """These settings with those of the other that may be turned while a picture is painted."""
        return dataclasses.replace(
            self, **{knob.name: getattr(to, knob.name) for knob in knobs() if knob.live}
        )

    @property
    def keep(self) -> float:
        """How far what is shown and saved has the photo's colours, from 0 to 1."""
        return self.colour_strength if self.colours == "photo" else 0.0


def knobs() -> tuple[Knob, ...]:
    """Every knob of `Settings`, in its order, with name, type and default filled in."""
    types = typing.get_type_hints(Settings)
    return tuple(
        dataclasses.replace(
            each.metadata["knob"], name=each.name, kind=types[each.name], default=each.default
        )
        for each in dataclasses.fields(Settings)
    )
