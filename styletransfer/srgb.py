"""A picture that Pillow has opened, made plain: upright, opaque, sRGB, of mode "RGB".

It is made in bands of rows, so that a large picture takes little memory beside itself and the result.
"""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from PIL import ExifTags, Image, ImageChops, ImageCms, ImageStat

from .file_colours import colours_of
from .grey_levels import bands, is_deep, to_grey

# EXIF orientation -> what turns the stored pixels upright; 1 is upright already.
_TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_BAND = 2**22  # pixels of a band, about
_SAMPLE = 512  # long side in pixels of what the ground is chosen by
_BRIGHT, _MOSTLY = 224, 0.5  # by eye: white drawings with a coloured part are still lost on white
_GREY = "#696969"  # about as far from white as from black, for the light that is seen
_ALIKE = 2  # levels by which a profile that is sRGB's may differ from ours

Convert = Callable[[Image.Image], Image.Image]


@dataclass(frozen=True)
class Plain:
    """A picture made plain.

    Attributes:
        image: upright, sRGB, of mode "RGB".
        on_grey: whether grey, not white, was laid under transparent parts, against which nothing shows.
        hdr: whether the file's brightest parts were compressed into what sRGB has.
        transparent: whether the file has transparent parts.
    """

    image: Image.Image
    on_grey: bool = False
    hdr: bool = False
    transparent: bool = False


def to_srgb(image: Image.Image, background: str | None = None, factor: int = 1) -> Plain:
    """The picture upright, in sRGB, its transparency laid over the background colour.

    Args:
        image: as Pillow has opened it, perhaps not yet decoded.
        background: None for white, or grey where nothing would be seen on white.
        factor: by how much the picture is to be reduced, a whole number.
    """
    profile, hdr = colours_of(image)
    image.load()
    turn = transposition(image)  # after load(): PNG may store its EXIF after the pixels
    sample = _transparent_sample(image)
    ground = background or _ground(sample)
    whole = _in_bands(image, _conversion(image, profile, ground, factor), factor)
    del image
    on_grey = background is None and ground == _GREY
    upright = whole if turn is None else whole.transpose(turn)
    return Plain(upright, on_grey, hdr, transparent=sample is not None)


def transposition(image: Image.Image) -> Image.Transpose | None:
    """What turns the picture upright by its EXIF; None if nothing does, or it is broken."""
    try:
        return _TRANSPOSITIONS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # a broken EXIF block is no reason to refuse the picture
        return None


def _in_bands(image: Image.Image, convert: Convert, factor: int) -> Image.Image:
    """The picture converted band by band, each of which becomes lower by the factor."""
    rows = max(1, _BAND // (image.width * factor)) * factor
    whole = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)))
    for number, band in enumerate(bands(image, rows)):
        whole.paste(convert(band), (0, number * rows // factor))
    return whole


def _transparent_sample(image: Image.Image) -> Image.Image | None:
    """Some of the picture's pixels, of mode "RGBA"; None if all of them are opaque."""
    if is_deep(image) or not image.has_transparency_data:
        return None
    sample = image.resize(
        (min(image.width, _SAMPLE), min(image.height, _SAMPLE)), Image.Resampling.NEAREST
    ).convert("RGBA")
    return sample if ImageChops.invert(sample.getchannel("A")).getbbox() else None


def _ground(sample: Image.Image | None) -> str:
    """White; grey if most of what is opaque is nearly white, and some is transparent."""
    if sample is None:
        return "white"
    opaque = sample.getchannel("A").point(lambda level: 255 * (level > 127))
    seen = ImageStat.Stat(sample.convert("L"), opaque).h
    bright = sum(seen[_BRIGHT:]) > _MOSTLY * sum(seen)
    return _GREY if bright and opaque.getextrema()[0] == 0 else "white"


def _conversion(image: Image.Image, icc: bytes | None, ground: str, factor: int) -> Convert:
    """What makes an "RGB" picture of a band of this one."""
    plain, mode = _plain_mode(image)
    to_rgb = _to_rgb(mode, icc)

    def converted(band: Image.Image) -> Image.Image:
        band = plain(band)
        band = band.reduce(factor) if factor > 1 else band
        if band.mode != "RGBA":
            return to_rgb(band)
        alpha = band.getchannel("A")
        flat = Image.new("RGB", band.size, ground)
        flat.paste(to_rgb(band.convert(mode)), mask=alpha)
        return flat

    return converted


def _plain_mode(image: Image.Image) -> tuple[Convert, str]:
    """What brings a band into a mode that can be reduced, and the mode of its colours then."""
    if is_deep(image):
        return to_grey(image), "L"
    if image.has_transparency_data:
        mode = "L" if image.mode in ("1", "L", "LA") else "RGB"
        return lambda band: band.convert("RGBA"), mode
    if image.mode in ("L", "RGB", "CMYK", "LAB"):
        return lambda band: band, image.mode
    mode = "L" if image.mode == "1" else "RGB"
    return lambda band: band.convert(mode), mode


def _to_rgb(mode: str, icc: bytes | None) -> Convert:
    """What brings an "L", "RGB", "CMYK" or "LAB" picture into sRGB, by its ICC profile if usable."""

    def plainly(image: Image.Image) -> Image.Image:
        return image.convert("RGB")

    if mode != "LAB" and not icc:
        return plainly
    try:
        profile = ImageCms.ImageCmsProfile(
            ImageCms.createProfile("LAB") if mode == "LAB" else BytesIO(icc or b"")
        )
        coloured = mode == "L" and profile.profile.xcolor_space == "RGB "
        srgb = ImageCms.createProfile("sRGB")
        transform = ImageCms.buildTransform(profile, srgb, "RGB" if coloured else mode, "RGB")
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return plainly  # a broken profile, or one for another kind of picture
    if mode == "RGB" and _changes_nothing(transform):
        return plainly  # 12 megapixels take 0.2 s instead of 0.9 s

    def by_profile(image: Image.Image) -> Image.Image:
        return transform.apply(image.convert("RGB") if coloured else image)

    return by_profile


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether colours all over the cube stay what they are; names of profiles promise too much."""
    steps = range(0, 256, 51)
    colours = bytes(level for r in steps for g in steps for b in steps for level in (r, g, b))
    before = Image.frombytes("RGB", (36, 6), colours)
    after = transform.apply(before)
    return all(abs(a - b) <= _ALIKE for a, b in zip(colours, after.tobytes(), strict=True))
