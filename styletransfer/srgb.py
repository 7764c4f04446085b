"""A picture that Pillow has opened, made plain: upright, opaque, sRGB, of mode "RGB"."""

from io import BytesIO

from PIL import ExifTags, Image, ImageCms

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


def to_srgb(image: Image.Image, background: str) -> Image.Image:
    """A new "RGB" picture: upright, in sRGB, its transparency laid over the background colour."""
    image.load()
    profile = image.info.get("icc_profile")
    # After load(): by then TIFF has turned itself, and PNG may store its EXIF after the pixels.
    transposition = _transposition(image)
    alpha = None
    if image.mode == "F" or image.mode.startswith("I"):
        image = _eight_bits(image)
    elif image.has_transparency_data:
        rgba = image.convert("RGBA")
        alpha = rgba.getchannel("A")
        image = rgba.convert("L" if image.mode in ("1", "L", "LA") else "RGB")
    elif image.mode not in ("L", "RGB", "CMYK", "LAB"):
        image = image.convert("L" if image.mode == "1" else "RGB")

    plain = Image.new("RGB", image.size, background)
    plain.paste(_converted(image, profile), mask=alpha)
    return plain if transposition is None else plain.transpose(transposition)


def _transposition(image: Image.Image) -> Image.Transpose | None:
    try:
        return _TRANSPOSITIONS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # a broken EXIF block is no reason to refuse the picture
        return None


def _eight_bits(image: Image.Image) -> Image.Image:
    """An "L" picture of 16-bit, 32-bit or floating-point grey; Pillow's own conversion clips at 255."""
    tones = image.convert("F")
    brightest = float(tones.getextrema()[1])  # type: ignore[arg-type]  # one band: a pair of numbers
    # No file says which number is white. Floats are found in 0..1 as well as in 0..255.
    whites = (1, 255, 65535) if image.mode == "F" else (65535,)
    white = next((white for white in whites if brightest <= white), brightest)
    return tones.point(lambda tone: tone * (255 / white) + 0.5).convert("L")


def _converted(image: Image.Image, icc: bytes | None) -> Image.Image:
    """The "L", "RGB", "CMYK" or "LAB" picture in sRGB, by its ICC profile if that is usable."""
    if image.mode != "LAB" and not icc:
        return image.convert("RGB")
    try:
        profile = ImageCms.ImageCmsProfile(
            ImageCms.createProfile("LAB") if image.mode == "LAB" else BytesIO(icc or b"")
        )
        if image.mode == "L" and profile.profile.xcolor_space == "RGB ":
            image = image.convert("RGB")
        if ImageCms.getProfileDescription(profile).startswith("sRGB"):
            return image.convert("RGB")  # nothing to convert: 12 megapixels take 0.2 s instead of 0.9 s
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, profile, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return image.convert("RGB")  # a broken profile, or one for another kind of picture
    return converted or image.convert("RGB")  # None only with inPlace
