"""The contact sheet of nine looks, with a runner that paints nothing."""

from dataclasses import replace

import pytest
import torch
from PIL import Image

from styletransfer.catalogue import catalogue
from styletransfer.engine.step import Step
from styletransfer.errors import ImageError
from styletransfer.pictures import Pictures
from styletransfer.service.contact_sheet import (
    BRUSHES,
    CELLS,
    ROWS,
    ContactSheet,
    by_strength,
    by_style,
)
from styletransfer.service.queue import Busy, Limits, Queue
from styletransfer.service.run import Run
from styletransfer.service.visitor import Visitor
from styletransfer.settings import Settings

PATIENCE = 20  # seconds until a test that hangs has failed
PICTURES = Pictures(Image.new("RGB", (90, 60), "gray"), [Image.new("RGB", (80, 60), "teal")])
STYLES = catalogue().styles


def step(number, steps):
    return Step(
        **dict.fromkeys(("scale", "scales"), 1),
        **dict.fromkeys(("content", "style", "smoothness", "total", "elapsed", "remaining"), 0.0),
        number=number,
        steps=steps,
        width=2,
        height=2,
        due=True,
        pixels=torch.full((1, 3, 2, 2), number / steps),
        photo=torch.zeros((1, 3, 2, 2)),
    )


def run(cells, runner, drafter=lambda content, styles: None):
    sheet = Queue(runner, drafter).enter(ContactSheet(PICTURES, cells))
    assert sheet.wait(PATIENCE)
    return sheet


@pytest.mark.parametrize(("chosen", "other"), [("neighbours", "gram"), ("gram", "neighbours")])
def test_weights_style_losses_and_brushes_differ_and_nothing_else(chosen, other):
    settings = Settings(content_weight=3, smoothness=2, style_loss=chosen)
    cells = by_strength(PICTURES, settings)
    assert [(each.settings.style_weight, each.settings.brush_scale) for each in cells] == [
        (weight, brush) for weight, _ in ROWS for brush in BRUSHES
    ]
    assert [each.settings.style_loss for each in cells] == [chosen] * 6 + [other] * 3
    asked_for = replace(cells[0].settings, style_weight=5, brush_scale=1, style_loss=chosen)
    for cell in cells:
        assert replace(asked_for, **cell.changes) == cell.settings
        assert cell.changes.keys() == {"style_weight", "style_loss", "brush_scale"}
    assert asked_for.content_weight == 3


def test_nine_paintings_begin_with_your_own():
    cells = by_style(PICTURES, Settings(), "mine.jpg")
    assert [each.file for each in cells] == ["mine.jpg", *(each.file for each in STYLES[: CELLS - 1])]
    assert cells[0].style is None
    assert not cells[0].changes


def test_one_of_the_catalogues_is_not_there_twice():
    cells = by_style(PICTURES, Settings(blend="3 1 2"), str(STYLES[4].file))
    assert len({str(each.file) for each in cells}) == CELLS
    assert cells[0].style is STYLES[4]
    assert {each.settings.blend for each in cells} == {"1"}


def test_every_cell_is_painted_and_drafted_before():
    seen = []

    def runner(pictures, settings):
        seen.append((settings.style_weight, settings.brush_scale))
        for number in range(1, 3):
            yield step(number, 2)

    drafted = []
    sheet = run(
        by_strength(PICTURES, Settings()), runner, lambda content, styles: drafted.append(1) or content
    )
    assert seen == [(weight, brush) for weight, _ in ROWS for brush in BRUSHES]
    assert len(drafted) == CELLS
    assert sheet.painted == CELLS
    assert [each.image.getpixel((0, 0)) for each in sheet.cells] == [(255, 255, 255)] * CELLS


def test_stop_keeps_the_cells_that_are_done():
    closed = []

    def runner(pictures, settings):
        try:
            for number in range(1, 3):
                if sheet.painted == 2:
                    sheet.stop()
                yield step(number, 2)
        finally:
            closed.append(1)

    queue = Queue(runner, lambda content, styles: None)
    sheet = ContactSheet(PICTURES, by_strength(PICTURES, Settings()))
    queue.enter(sheet)
    assert sheet.wait(PATIENCE)
    assert sheet.painted == 2
    assert sheet.cells[1].image
    assert sheet.cells[3].image is None
    assert len(closed) == 3
    assert sheet.error is None


def test_a_sheet_counts_as_one_and_waits_its_turn():
    queue = Queue(lambda *inputs: iter(()), lambda content, styles: None, Limits(per_visitor=1))
    sheet = ContactSheet(PICTURES, by_strength(PICTURES, Settings()), visitor=Visitor("me", "mine"))
    first = queue.enter(Run(PICTURES, Settings(), Visitor("other", "theirs")))
    assert first.wait(PATIENCE)
    queue._line.append(first)  # before it in the queue
    queue.enter(sheet)
    with pytest.raises(Busy):
        queue.enter(Run(PICTURES, Settings(), Visitor("me", "mine")))
    assert sheet.ahead == 1
    assert not sheet.finished
    sheet.stop()
    assert sheet.wait(PATIENCE)


def test_a_narrow_photo_gets_larger_cells_and_one_too_narrow_a_sentence():
    wide = Pictures(Image.new("RGB", (700, 100)), PICTURES.styles)
    assert {each.settings.size for each in by_strength(wide, Settings())} == {256}
    line = Pictures(Image.new("RGB", (1, 5000)), PICTURES.styles)
    with pytest.raises(ImageError, match="too narrow"):
        by_strength(line, Settings())


def test_each_cell_has_as_many_masks_as_paintings():
    white = Image.new("L", (90, 60), 255)
    pictures = replace(PICTURES, styles=[*PICTURES.styles, PICTURES.styles[0]], masks=(None, white))
    seen = []

    def runner(pictures, settings):
        seen.append((len(pictures.styles), len(pictures.masks)))
        yield step(1, 1)

    for cells in (
        by_style(pictures, Settings(), "mine.jpg"),
        by_strength(pictures, Settings()),
    ):
        sheet = Queue(runner, lambda content, styles: None).enter(ContactSheet(pictures, cells))
        assert sheet.wait(PATIENCE)
    assert seen == [(1, 0)] * CELLS + [(2, 2)] * CELLS
