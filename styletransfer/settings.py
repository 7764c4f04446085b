"""Every setting of a run, once: sliders, options, the API, recipes and all checks read them here.

Knows nothing of pictures, networks or pages.
"""

import dataclasses
import typing
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from .errors import SettingsError, shown
from .knob import Knob, shares_of, weights_of

__all__ = ["Knob", "Settings", "knobs", "shares_of", "weights_of"]


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
    style_loss: str = _knob(
        "neighbours",
        "Style loss",
        "How the painting is compared. neighbours: every place of the picture with the place of the "
        "painting that looks most like it, for pictures that look painted. gram: by Gram matrices, the "
        "method of Gatys et al., for textures, and patterns everywhere at once.",
        choices=("neighbours", "gram"),
        front=True,
    )
    size: int = _knob(
        512,
        "Size",
        "Long side of the result in pixels. Twice the size takes four to five times as long.",
        minimum=128,
        maximum=4096,
        step=32,
    )
    steps: int = _knob(
        60,
        "Steps",
        "How long to paint, over all scales. By neighbours 32 are enough for a look, and little changes "
        "after 100; Gram matrices need two to three times as many.",
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
        4,
        "Scales",
        "Sizes painted one after the other, each twice the one before, so that large strokes "
        "are laid down first. 1 paints at full size only. None is smaller than 64 pixels, by Gram "
        "matrices than 128.",
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
    keep_faces: bool = _knob(
        True,
        "Keep faces",
        "Faces in the photo stay recognisable: they are found by themselves and painted nearer to the "
        "photo.",
        front=True,
    )
    brush_scale: float = _knob(
        1.0,
        "Brush scale",
        "How large the painting's strokes become: the painting is looked at in this many times the "
        "result's size.",
        minimum=0.25,
        maximum=2,
        step=0.05,
        front=True,
    )
    colours: str = _knob(
        "painting",
        "Colours",
        "Whose colours the picture has. painting: the painting's. photo: the photo's, only light and "
        "dark are painted. matched: the painting's strokes, recoloured to the photo's palette first.",
        choices=("painting", "photo", "matched"),
        front=True,
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
        "lbfgs (L-BFGS) needs the fewest steps. adam (Adam) and gradient (plain gradient descent) are "
        "there for comparison.",
        choices=("lbfgs", "adam", "gradient"),
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
    tile: bool = _knob(
        False,
        "Seamless tile",
        "The picture repeats without a seam, across and down, as wallpaper does. Its sides become "
        "multiples of 32 pixels. Best with the preset Texture.",
    )
    alpha: bool = _knob(
        False,
        "Keep the transparency",
        "What is transparent in the photo is not painted and has no say, and the picture, a PNG or WebP,"
        " is transparent there. Otherwise the photo lies on white.",
        front=True,
    )

    def __post_init__(self) -> None:
        for knob in knobs():
            object.__setattr__(self, knob.name, knob.check(getattr(self, knob.name)))
        if self.content_weight == self.style_weight == 0:
            raise SettingsError(
                "both_weights_zero", setting="content_weight", other_setting="style_weight"
            )

    def shares(self, styles: int) -> tuple[float, ...]:
        """The share of each style image, as `blend` has it; those that it does not name count 1.

        Args:
            styles: how many style images there are.

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

    def with_live(self, other: "Settings") -> "Settings":
        """These settings with the other's values of the live knobs, which may change during a run.

        Args:
            other: whose values are taken; of all other knobs they are ignored.
        """
        return dataclasses.replace(
            self, **{knob.name: getattr(other, knob.name) for knob in knobs() if knob.live}
        )

    @property
    def photo_colours(self) -> float:
        """How far what is shown and saved has the photo's colours, from 0 to 1."""
        return self.colour_strength if self.colours == "photo" else 0.0


@cache
def knobs() -> tuple[Knob, ...]:
    """Every knob of `Settings`, in its order, with name, type and default filled in."""
    types = typing.get_type_hints(Settings)
    return tuple(
        dataclasses.replace(
            each.metadata["knob"], name=each.name, kind=types[each.name], default=each.default
        )
        for each in dataclasses.fields(Settings)
    )
