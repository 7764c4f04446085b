"""The time-lapse of a run: evenly spaced pictures, kept on disk, and the video made of them."""

import contextlib
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from PIL import Image

from ..cutout import on_white
from ..engine.step import Step
from ..errors import StyleTransferError
from ..images import fitted_size
from .durable import whole

LARGEST = 768  # long side in pixels
MOST = 120  # frames kept of a run: ten seconds
RATE = 12  # frames a second
HELD = 18  # how many more times the last frame is shown

_FRAME = "painting-step-{}.jpg"
_QUALITY = 82  # of the JPEG frames: about 100 KB each, encoded in 8 ms
_PATIENCE = 20  # seconds to wait for the last frames of a run that has just ended

# The video is converted to BT.709 and says so; else players would guess the colour matrix by its size.
_ENCODING = [
    *("-crf", "17", "-preset", "veryfast", "-threads", "1", "-movflags", "+faststart"),
    *("-vf", "scale=out_color_matrix=bt709"),
    *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"),
]
# One video at a time, however many visitors ask: painting comes first.
_encoding = threading.Lock()


class TimeLapse:
    """The frames of one run. One thread records them; any thread may read them.

    Args:
        folder: for the frames and the video. It is created here, or holds frames of an earlier server;
            recording ends when it is deleted.
        width: of the finished picture in pixels. Smaller frames are enlarged to this size.
        height: of the finished picture in pixels.
    """

    def __init__(self, folder: Path, width: int, height: int) -> None:
        size = fitted_size(width, height, min(LARGEST, max(width, height)))
        self.width, self.height = (max(2, side // 2 * 2) for side in size)  # yuv420p needs even sides
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        # Place among all frames that were offered -> number of the step.
        self._kept: dict[int, int] = dict(enumerate(_numbers(folder)))
        self._offered = len(self._kept)
        self._stride = 1
        self._complete = threading.Event()

    def record(self, steps: Iterable[Step]) -> None:
        """Keeps the pictures of these steps until there are no more steps."""
        try:
            # The folder is deleted together with its job; then no more frames are needed. Where the disk
            # is full there are none from here on.
            with contextlib.suppress(OSError):
                for step in steps:
                    self.add(step.number, step.image)
        finally:
            self._complete.set()

    def add(self, number: int, image: Image.Image) -> None:
        """Keeps the picture of this step. The newest frame is always kept, older ones evenly spaced."""
        frame = on_white(image).resize((self.width, self.height), Image.Resampling.LANCZOS)
        with whole(self._file(number), lasting=False) as part:
            frame.save(part, "JPEG", quality=_QUALITY)
        if number in self._kept.values():  # the last step comes twice (`Run.steps_shown`)
            return
        kept = self._kept | {self._offered: number}
        if len(kept) > MOST:
            self._stride *= 2
        gone = [place for place in kept if place % self._stride and place != self._offered]
        self._kept = {place: kept[place] for place in kept if place not in gone}
        for place in gone:
            self._file(kept[place]).unlink()
        self._offered += 1

    def frames(self) -> dict[int, Path]:
        """The frames' files by step number, in order; waits until an ended run is all recorded."""
        self._complete.wait(_PATIENCE)
        return {number: self._file(number) for number in self._kept.values()}

    def video(self) -> Path:
        """The MP4 file of all frames (H.264), which is made at the first call.

        Raises:
            StyleTransferError: the video cannot be made.
        """
        file = self._folder / "time-lapse.mp4"
        with _encoding:
            if not file.exists():
                part = file.with_name("part.mp4")
                try:
                    _encode(list(self.frames().values()), (self.width, self.height), part)
                    part.replace(file)
                except (OSError, RuntimeError) as error:  # no ffmpeg here, or the disk is full
                    raise StyleTransferError("film_impossible") from error
        return file

    def _file(self, number: int) -> Path:
        return self._folder / _FRAME.format(f"{number:04}")


def _numbers(folder: Path) -> list[int]:
    """The numbers of the steps of which there are whole frames, in order."""
    files = folder.glob(_FRAME.format("*"))
    return sorted(int(file.stem.rpartition("-")[2]) for file in files if file.stat().st_size)


def _encode(frames: list[Path], size: tuple[int, int], file: Path) -> None:
    writer = imageio_ffmpeg.write_frames(
        str(file),
        size,
        fps=RATE,
        codec="libx264",
        quality=None,  # by -crf instead
        macro_block_size=2,
        output_params=_ENCODING,
        ffmpeg_log_level="error",
    )
    with contextlib.closing(writer):
        writer.send(None)
        for pixels in _pixels([*frames, *frames[-1:] * HELD]):
            writer.send(pixels)


def _pixels(frames: Iterable[Path]) -> Iterator[np.ndarray]:
    """Each frame as uint8 of shape (height, width, 3)."""
    for frame in frames:
        with Image.open(frame) as image:
            yield np.ascontiguousarray(image.convert("RGB"))
