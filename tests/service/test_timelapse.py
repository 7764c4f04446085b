"""The frames of a run, and the video made of them."""

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from styletransfer.errors import StyleTransferError
from styletransfer.service import timelapse as module
from styletransfer.service.timelapse import HELD, LARGEST, MOST, RATE, TimeLapse


def picture(level, size=(40, 30)):
    return Image.new("RGB", size, (level, 90, 200 - level))


def recorded(folder, count, width=101, height=76):
    timelapse = TimeLapse(folder / "time-lapse", width, height)
    for number in range(1, count + 1):
        timelapse.add(number, picture(min(200, number)))
    timelapse.record([])  # marks the recording as complete
    return timelapse


@pytest.mark.parametrize(("count", "stride"), [(MOST, 1), (MOST + 1, 2), (5 * MOST + 3, 8)])
def test_frames_are_few_evenly_spaced_and_end_with_the_newest(tmp_path, count, stride):
    frames = recorded(tmp_path, count).frames()
    numbers = list(frames)
    assert len(numbers) <= MOST
    assert (numbers[0], numbers[-1]) == (1, count)
    gaps = np.diff(numbers)
    assert set(gaps[:-1]) == {stride}
    assert 1 <= gaps[-1] <= stride
    # no other file is left
    assert sorted((tmp_path / "time-lapse").iterdir()) == sorted(frames.values())


def test_small_pictures_are_enlarged_to_the_finished_size_in_even_numbers(tmp_path):
    timelapse = TimeLapse(tmp_path / "time-lapse", 1024, 681)
    for number, size in enumerate([(128, 85), (256, 170), (1024, 681)]):
        timelapse.add(number, picture(50, size))
    timelapse.record([])
    for file in timelapse.frames().values():
        with Image.open(file) as frame:
            assert frame.size == (LARGEST, 510)


def test_the_last_step_takes_the_place_of_itself(tmp_path):
    timelapse = recorded(tmp_path, 3)
    timelapse.add(3, picture(200))
    assert list(timelapse.frames()) == [1, 2, 3]
    with Image.open(timelapse.frames()[3]) as frame:
        assert abs(frame.getpixel((5, 5))[0] - 200) < 4


# imageio-ffmpeg leaves the reader's pipes to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_video_shows_every_frame_and_stays_on_the_last_one(tmp_path):
    timelapse = recorded(tmp_path, 25)
    timelapse.add(25, picture(230))
    reader = imageio_ffmpeg.read_frames(str(timelapse.video()))
    about = next(reader)
    frames = [np.frombuffer(each, np.uint8).reshape(76, 100, 3) for each in reader]
    assert about["size"] == (100, 76)
    assert about["fps"] == RATE
    assert about["codec"] == "h264"
    assert "yuv420p" in about["pix_fmt"]
    assert len(frames) == 25 + HELD
    for shown, level in ((frames[0], 1), (frames[12], 13), *((each, 230) for each in frames[-HELD:])):
        expected = np.array(picture(level).getpixel((0, 0)), float)
        assert np.abs(shown.astype(float) - expected).mean() < 6


def test_the_video_is_made_once(tmp_path, monkeypatch):
    timelapse = recorded(tmp_path, 3)
    timelapse.video()
    monkeypatch.setattr(module, "_encode", None)
    assert timelapse.video().exists()


def test_what_cannot_be_made_is_said_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "missing"))
    timelapse = recorded(tmp_path, 3)
    with pytest.raises(StyleTransferError, match="cannot be made on this server"):
        timelapse.video()
    assert not list((tmp_path / "time-lapse").glob("*.mp4"))


def test_recording_ends_quietly_when_the_folder_is_gone(tmp_path):
    timelapse = TimeLapse(tmp_path / "time-lapse", 64, 48)
    (tmp_path / "time-lapse").rmdir()

    class Step:
        number, image = 1, picture(3)

    timelapse.record([Step()])
    assert timelapse.frames() == {}
    assert not (tmp_path / "time-lapse").exists()


def test_what_is_transparent_is_white_in_the_film(tmp_path):
    timelapse = TimeLapse(tmp_path / "time-lapse", 40, 30)
    cut = picture(9).convert("RGBA")
    cut.putalpha(0)
    timelapse.add(1, cut)
    timelapse.record([])
    (frame,) = timelapse.frames().values()
    with Image.open(frame) as image:
        assert image.getextrema() == ((255, 255),) * 3
