"""The forecast of time and memory: its model, the learned pace, and its wording."""

import threading

import pytest
from PIL import ExifTags, Image

from styletransfer.engine import memory
from styletransfer.engine.forecast import Forecast, Pace, calibrate, forecast
from styletransfer.errors import ImageError
from styletransfer.images import size_of
from styletransfer.page import forecast_line as outlook
from styletransfer.pictures import Pictures
from styletransfer.service import worker
from styletransfer.settings import Settings
from tests.support.samples import small_network


def expected(width, height, steps):
    """The forecast of one scale with one painting of 3:2 at the model's own pace."""
    seen = width * height + width * round(width / 1.5)
    return 0.05 + 1.4e-6 * seen + steps * 4.9e-6 * (18_000 + width * height)


def test_without_any_knowledge_it_is_the_models_own_machine():
    coming = forecast(Pace(), Settings(size=512, steps=100, scales=1))
    assert (coming.width, coming.height) == (512, 341)
    assert coming.seconds == pytest.approx(expected(512, 341, 100))
    assert coming.bytes == memory.needed((512, 341), [(512, 341)], style_loss="neighbours")


def test_the_scales_share_the_steps():
    coming = forecast(Pace(), Settings(size=512, steps=100, scales=3), (300, 600))
    sizes = ((64, 128, 33), (128, 256, 33), (256, 512, 34))
    paintings = (128 * 85, 256 * 171, 512 * 341)
    seconds = sum(
        0.05 + 1.4e-6 * (w * h + seen) + steps * 4.9e-6 * (18_000 + w * h)
        for (w, h, steps), seen in zip(sizes, paintings, strict=True)
    )
    assert coming.seconds == pytest.approx(seconds)
    assert (coming.width, coming.height) == (256, 512)


@pytest.mark.parametrize("factor", [0.02, 1, 7.5])
def test_a_pace_is_learned_exactly_from_steps_of_any_size(factor):
    pace = Pace()
    for pixels in (128 * 85, 512 * 341, 256 * 171):
        pace.learn(pixels, factor * 4.9e-6 * (18_000 + pixels))
    assert pace.factor == pytest.approx(factor)
    settings = Settings(size=768, steps=40)
    assert forecast(pace, settings).seconds == pytest.approx(factor * forecast(Pace(), settings).seconds)


def test_strips_take_longer():
    settings = {"steps": 10, "scales": 1}
    whole, stripped = (forecast(Pace(), Settings(size=size, **settings)).seconds for size in (640, 2560))
    assert stripped > 16 * whole  # sixteen times the pixels; a part of each step takes constant time
    pace = Pace()
    pace.learn(2560 * 1707, stripped / 10)
    assert pace.factor == pytest.approx(1, rel=0.1)


def test_a_machine_that_gets_busy_is_believed_before_long():
    pace = Pace()
    for factor, steps in ((1, 300), (3, 100)):
        for _ in range(steps):
            pace.learn(100_000, factor * 4.9e-6 * 118_000)
    assert pace.factor == pytest.approx(3, rel=0.05)


def test_masks_and_larger_looks_at_the_painting_need_memory():
    settings = Settings(size=256, scales=1)
    plain = forecast(Pace(), settings, (300, 200), [(400, 400)]).bytes
    assert forecast(Pace(), settings, (300, 200), [(400, 400)], masks=2).bytes > plain
    large = Settings(size=256, scales=1, brush_scale=2)
    assert forecast(Pace(), large, (300, 200), [(400, 400)]).bytes > plain


def test_a_start_image_may_still_be_missing_but_not_the_photos_height():
    assert forecast(Pace(), Settings(start="image")).seconds > 0
    with pytest.raises(ImageError, match="too narrow"):
        forecast(Pace(), Settings(size=128), (5000, 10))


def test_a_trial_teaches_the_pace_and_gives_way_to_a_picture():
    learned, disturbed = Pace(), Pace()
    calibrate(learned, small_network())
    assert learned.factor != 1
    calibrate(disturbed, small_network(), idle=lambda: False)
    assert disturbed.factor == 1


def test_a_server_times_its_device_several_times_until_somebody_paints(monkeypatch):
    tried = threading.Semaphore(0)
    monkeypatch.setattr(worker, "load_network", lambda *args: small_network())
    monkeypatch.setattr(worker, "calibrate", lambda *args: tried.release())
    monkeypatch.setattr(worker, "TRIALS", (0, 0, 3600))
    paint = worker.Worker("cpu")
    paint.load()
    assert all(tried.acquire(timeout=20) for _ in range(2))
    waiting = next(each for each in threading.enumerate() if each.name.endswith("(_load_and_measure)"))
    plain = Image.new("RGB", (64, 64))
    next(paint(Pictures(plain, [plain]), Settings(size=128, scales=1)))
    waiting.join(20)
    assert not waiting.is_alive()
    assert not tried.acquire(blocking=False)


def test_of_several_trials_the_quickest_counts():
    pace = Pace()
    for factor, known in ((8, 8), (2, 2), (5, 2)):
        pace.suppose(50_000, factor * pace.expected(50_000))
        assert pace.factor == pytest.approx(known)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (13.4, "13 s"), (47, "45 s"), (132, "2 min 10 s"), (61, "1 min"), (1234, "21 min")],
)
def test_words_are_no_finer_than_it_can_be_known(seconds, words):
    told = outlook.in_words(Forecast(seconds, 1.62e9, 512, 342))
    assert told == f"About {words} and 1.6 GB on this computer · 512 × 342 pixels"
    assert "2 pictures" in outlook.in_words(Forecast(seconds, 1.62e9, 512, 342), 2)


def test_of_a_borrowed_gpu_the_time_that_is_asked_for_is_said_and_no_memory():
    told = outlook.in_words(Forecast(13.4, 1.62e9, 512, 342), 0, 37)
    assert told == "About 13 s; asks for 37 s of your GPU time today · 512 × 342 pixels"
    assert "37 s" in outlook.in_words(Forecast(13.4, 1.62e9, 512, 342), None, 37)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tiff", "avif", "heic"])
@pytest.mark.parametrize(("turn", "size"), [(1, (90, 60)), (3, (90, 60)), (6, (60, 90))])
def test_the_size_of_a_file_is_that_of_the_upright_picture(tmp_path, suffix, turn, size):
    if f".{suffix}" not in Image.registered_extensions():
        pytest.skip(f"this Pillow does not write {suffix}")
    file = tmp_path / f"photo.{suffix}"
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = turn
    Image.new("RGB", (90, 60), "teal").save(file, exif=exif.tobytes())
    assert size_of(file) == size_of(file.read_bytes()) == size


def test_what_is_no_picture_has_no_size(tmp_path):
    (tmp_path / "note.txt").write_text("Dear diary")
    assert size_of(tmp_path / "note.txt") is size_of(tmp_path / "gone.png") is size_of(b"") is None
