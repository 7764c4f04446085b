"""The method as a generator: coarse to fine, L-BFGS on the pixels, one `Step` at a time."""

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch
import torch.nn.functional as F
from PIL import Image, ImageOps
from torch import Tensor

from ..errors import ImageError, SettingsError, in_english
from ..images import fitted_size, resize, to_image, to_tensor
from ..network.malloc import give_back
from ..network.vgg import VGG
from ..pictures import Pictures
from ..settings import Settings, knobs
from . import memory
from .adam import Adam
from .colour import keep_colours, match_colours
from .descent import Descent
from .draft import draft
from .lbfgs import LARGE, LBFGS, SHORT_HISTORY
from .masks import Region, check_masks, cover, regions
from .objective import Losses, Objective

LARGEST_SIZE = next(knob.maximum for knob in knobs() if knob.name == "size")
LONGEST_WAIT = 2.0  # seconds without a picture to show, where no step takes longer
# What a step takes besides, in pixels: about as many on both machines it was timed on (LOG.md).
STEP_PIXELS = 18_000
SMALLEST_SIDE = 32  # relu5_1 of it is 2 x 2
SMALLEST_SCALE = 128  # from smaller ones the style's layout takes the place of the photo's (LOG.md)
SMALLEST_TEXTURE = 256  # where the photo does not count: from smaller ones the style image comes back


@dataclass(frozen=True, eq=False)
class Step:
    """One evaluation of loss and gradient, and the picture that was evaluated.

    At the end of a scale the picture is the best one so far, which is nearly always that one.
    """

    number: int  # from 1 to `steps`
    steps: int
    scale: int  # from 1 to `scales`
    scales: int
    width: int
    height: int
    content: float
    style: float
    smoothness: float
    total: float
    elapsed: float  # seconds since the run began
    remaining: float  # seconds, estimated from this run's own pace
    due: bool  # a picture to show: every N steps or `LONGEST_WAIT`, and the last one of a scale
    pixels: Tensor  # (1, 3, height, width), sRGB about [0, 1]: the optimiser's own iterate
    photo: Tensor  # of the same shape: the content image
    cover: Tensor | None = None  # (1, 1, height, width), in [0, 1]: how far it is painted; None: all
    keep: float = 0.0  # how far `image` has the photo's colours, from 0 to 1
    note: str = ""  # code of what went wrong at this step and was mended; usually nothing

    @property
    def image(self) -> Image.Image:
        """The picture of this step, `width` x `height`, 8 bits a channel, in the colours asked for."""
        return self.coloured(self.keep)

    def coloured(self, keep: float) -> Image.Image:
        """The same picture with the photo's colours kept so far, from 0 (not at all) to 1.

        Where it is not painted it is the photo, pixel by pixel.
        """
        pixels, photo = self.pixels.float(), self.photo.float()
        cover = None if self.cover is None else self.cover.float()
        return to_image(_covered(keep_colours(pixels, photo, keep), photo, cover))

    def __str__(self) -> str:
        return (
            f"size {max(self.width, self.height)} ({self.scale} of {self.scales})"
            f" · step {self.number} of {self.steps}"
            f" · content {self.content:.3g} · style {self.style:.3g} · total {self.total:.4g}"
            f" · {self.elapsed:.0f} s, {self.remaining:.0f} s left"
            + (f" · {in_english(self.note)}" if self.note else "")
        )


def stylize(pictures: Pictures, settings: Settings, network: VGG) -> Generator[Step, Settings | None]:
    """Steps that turn the content image into the manner of the style images.

    The generator may be closed at any step. It holds no state of the calling thread across yields.
    Settings that are sent into it count from the next step on, as far as their knobs are `live`.

    Args:
        pictures: the photo, the paintings, their masks, and what to start from.
        settings: every knob.
        network: from `vgg.load_network`; its device does the work.

    Raises:
        ImageError, SettingsError: as `schedule`.
        MemoryShortage: the picture is too large for the memory there is.
    """
    sizes = schedule(pictures, settings)
    brush = round(settings.size * settings.brush_scale)
    looked_at = [fitted_size(*each.size, brush) for each in pictures.styles]
    masked = sum(mask is not None for mask in pictures.masks)
    needs = looked_at, masked, network.device, network.precision
    blocks = [memory.fitting_blocks(size, *needs) for size in sizes]
    with memory.shortage_explained(sizes[-1]):
        yield from _steps(sizes, blocks, pictures, settings, network)


def _steps(
    sizes: Sequence[tuple[int, int]],
    blocks: Sequence[int],
    pictures: Pictures,
    settings: Settings,
    network: VGG,
) -> Generator[Step, Settings | None]:
    """`stylize` after all has been checked."""
    content, styles = pictures.content, pictures.styles
    shares = shared_steps(settings.steps, len(sizes))
    work = [(w * h + STEP_PIXELS) * share for (w, h), share in zip(sizes, shares, strict=True)]
    began = shown = prepared = time.perf_counter()
    preparing = 0.0  # seconds a pixel, before the first step of a scale
    number = 0
    pixels = None
    for scale, ((width, height), share) in enumerate(zip(sizes, shares, strict=True)):
        photo = to_tensor(resize(content, max(width, height)), network.device)
        where = _regions(pictures.masks, styles, settings, photo)
        paintings = _paintings(styles, settings, photo)
        judge = Objective(network, photo, paintings, settings, where, blocks[scale])
        del paintings
        give_back()
        objective = judge
        if pixels is None:
            pixels = _start(content, styles, settings, photo, pictures.start)
        else:
            pixels = enlarged(pixels, photo, settings.content_weight > 0)
        covered = cover(where)
        if covered is not None:
            # What is judged is what is shown: outside the masks nothing can be gained.
            objective = _under(objective, photo, covered)
        if settings.optimiser == "adam":
            descent = Descent(objective, pixels, Adam, settings.step_size)
        else:
            # The pairs would need more than all the rest.
            short = {"history": SHORT_HISTORY} if width * height > LARGE else {}
            descent = Descent(objective, pixels, partial(LBFGS, **short))
        scale_began = stepped = time.perf_counter()
        preparing = (scale_began - prepared) / (width * height)
        for done in range(1, share + 1):
            number += 1
            found = descent.step()
            if done == share:
                found = replace(descent.best, note=found.note)  # what the next scale begins with
            now = time.perf_counter()
            if done == 1:  # which also warms up
                first, each = now, now - scale_began
            else:
                each = (now - first) / (done - 1)
            ahead = each / (width * height + STEP_PIXELS) * sum(work[scale + 1 :])
            ahead += preparing * sum(w * h for w, h in sizes[scale + 1 :])
            # Now, if after one more step it would be too late.
            late = number > 1 and 2 * now - stepped - shown > LONGEST_WAIT
            due = number % settings.show_every == 0 or done == share or late
            shown = now if due or number == 1 else shown
            stepped = now
            sent = yield Step(
                number=number,
                steps=settings.steps,
                scale=scale + 1,
                scales=len(sizes),
                width=width,
                height=height,
                content=found.losses.content.item(),
                style=found.losses.style.item(),
                smoothness=found.losses.smoothness.item(),
                total=found.total,
                elapsed=now - began,
                remaining=each * (share - done) + ahead,
                due=due,
                pixels=found.pixels,
                photo=photo,
                cover=covered,
                keep=settings.keep,
                note=found.note,
            )
            turned = settings.with_live(sent or settings)
            if turned != settings:
                settings = turned
                judge.use_weights(settings)
                descent.turn()
        pixels = found.pixels
        # The next size finds no use for blocks of memory that are too small for it.
        del descent, objective, judge, found
        give_back()
        prepared = time.perf_counter()


def enlarged(pixels: Tensor, photo: Tensor, detailed: bool = True) -> Tensor:
    """What the next scale begins with: a picture in the size of the photo, (1, 3, H, W).

    Args:
        pixels: (1, 3, h, w), made from the same photo in a smaller size.
        photo: (1, 3, H, W).
        detailed: with those details of the photo which the smaller size has no pixels for. Without
            them it takes the optimiser many steps to make up for what is blurred (LOG.md).
    """

    def resized(image: Tensor, like: Tensor) -> Tensor:
        return F.interpolate(image, like.shape[2:], mode="bicubic", antialias=True)

    grown = resized(pixels, photo)
    return grown + photo - resized(resized(photo, pixels), photo) if detailed else grown


def _paintings(styles: Sequence[Image.Image], settings: Settings, photo: Tensor) -> list[Tensor]:
    """The style images as they are looked at beside this photo: (1, 3, h, w) each."""
    brush = round(max(photo.shape[2:]) * settings.brush_scale)
    paintings = [to_tensor(resize(each, brush), photo.device) for each in styles]
    if settings.colours == "matched":
        strength = settings.colour_strength
        paintings = [match_colours(each, photo, strength).clamp(0, 1) for each in paintings]
    return paintings


def _regions(
    masks: Sequence[Image.Image | None],
    styles: Sequence[Image.Image],
    settings: Settings,
    photo: Tensor,
) -> list[Region]:
    height, width = photo.shape[2:]
    shares = settings.shares(len(styles))
    return regions(masks, shares, (width, height), settings.mask_softness, photo.device)


def schedule(pictures: Pictures, settings: Settings) -> list[tuple[int, int]]:
    """The sizes (width, height) to be painted one after the other, the last one as asked for.

    Each is twice the one before. Sizes under `SMALLEST_SCALE` (`SMALLEST_TEXTURE` where the content
    weight is 0), or with a picture's short side under `SMALLEST_SIDE`, are left out, and there are no
    more sizes than steps.

    Raises:
        ImageError: a picture is missing, or its short side is too small even at the full size; masks
            and styles do not go together.
        SettingsError: there are more shares than styles, or a start image that is not asked for.
    """
    content, styles, start = pictures.content, pictures.styles, pictures.start
    if not styles:
        raise ImageError("no_painting")
    settings.shares(len(styles))
    check_masks(pictures.masks, len(styles))
    if settings.start == "image" and start is None:
        raise ImageError("start_image_missing")
    if settings.start != "image" and start is not None:
        raise SettingsError("start_image_not_asked_for", value=repr(settings.start))
    looked_at = [("photo", content, 1.0)]
    looked_at += [("painting", style, settings.brush_scale) for style in styles]
    smallest = SMALLEST_SCALE if settings.content_weight else SMALLEST_TEXTURE
    for name, image, times in looked_at:
        if name == "painting" and min(image.size) < SMALLEST_SIDE:
            raise ImageError(
                "painting_too_small", width=image.width, height=image.height, least=SMALLEST_SIDE
            )
        size = round(settings.size * times)
        short = min(fitted_size(*image.size, size))
        if short < SMALLEST_SIDE:
            raise _too_narrow(name, image.size, size, times)
        smallest = max(smallest, SMALLEST_SIDE * max(image.size) / min(image.size) / times)
    longs = [settings.size >> k for k in reversed(range(min(settings.scales, settings.steps)))]
    return [
        fitted_size(*content.size, long) for long in longs if long == settings.size or long >= smallest
    ]


def _too_narrow(name: str, shape: tuple[int, int], size: int, brush: float) -> ImageError:
    """Advises a larger size only where that would help."""
    helps = min(fitted_size(*shape, round(LARGEST_SIZE * brush))) >= SMALLEST_SIDE
    fields: dict[str, str | int] = {
        "name": name,
        "width": shape[0],
        "height": shape[1],
        "size": size,
        "short": min(fitted_size(*shape, size)),
        "least": SMALLEST_SIDE,
    }
    if brush == 1:
        return ImageError("too_narrow" if helps else "too_narrow_even_at_largest", **fields)
    return ImageError(
        "too_narrow_for_brush" if helps else "too_narrow_for_brush_even_at_largest",
        **fields,
        brush=brush,
    )


def leading(styles: Sequence[Image.Image], settings: Settings) -> Image.Image:
    """The style image with the largest share, for what can show one only; the first of equals."""
    return max(zip(settings.shares(len(styles)), styles, strict=True), key=lambda each: each[0])[1]


def shared_steps(steps: int, scales: int) -> list[int]:
    """How many of the steps each scale gets: the same, and what is left over to the last."""
    return [steps // scales] * (scales - 1) + [steps - steps // scales * (scales - 1)]


def _under(objective: Objective, photo: Tensor, cover: Tensor) -> Callable[[Tensor], Losses]:
    return lambda pixels: objective(photo.lerp(pixels, cover))


def _covered(pixels: Tensor, photo: Tensor, cover: Tensor | None) -> Tensor:
    """The pixels where they are painted, and exactly the photo where they are not."""
    return pixels if cover is None else photo.lerp(pixels, cover)


def _start(
    content: Image.Image,
    styles: Sequence[Image.Image],
    settings: Settings,
    photo: Tensor,
    start: Image.Image | None,
) -> Tensor:
    """What the first step evaluates, (1, 3, H, W) as the content image `photo` at the first scale."""
    if settings.start == "noise":
        # Drawn on the CPU: a GPU's generator gives other numbers for the same seed.
        generator = torch.Generator().manual_seed(settings.seed)
        noise = torch.randn(photo.shape, generator=generator) * 0.1 + 0.5
        return noise.to(photo.device)
    if settings.start == "draft":
        quick = draft(resize(content, max(photo.shape[2:])), [leading(styles, settings)])
        if quick is not None:
            return to_tensor(quick, photo.device)
    if start is not None:
        # Cut rather than stretched: circles stay circles.
        return to_tensor(ImageOps.fit(start, photo.shape[:1:-1], Image.Resampling.LANCZOS), photo.device)
    return photo
