"""What is to stay recognisable, in a real browser: the box for faces, and the mask."""

import hashlib
import json

from PIL import Image

from styletransfer.catalogue import catalogue
from tests.support.browser import again, choose, saved, visit

ASTRONAUT = next(each.file for each in catalogue().photos if each.file.stem == "astronaut")
COFFEE = next(each.file for each in catalogue().photos if each.file.stem == "coffee")
BOX = "#knob-keep_faces input"


def test_faces_and_a_mask_are_kept_stand_in_the_recipe_and_come_back(context, tmp_path):
    white = tmp_path / "white.png"
    Image.new("L", (64, 64), 255).save(white)
    page = visit(context)
    choose(page, photo=COFFEE, size=128, steps=6, scales=1)
    assert page.is_checked(BOX)
    page.click('#photo button[aria-label="Remove Image"]')
    page.set_input_files("#photo input[type=file]", ASTRONAUT)
    page.wait_for_selector("#photo .image-frame img")
    page.click("#more > button")
    page.set_input_files("#keep-mask input[type=file]", white)
    page.wait_for_selector("#keep-mask img")
    again(page)
    with Image.open(saved(page, "#download", tmp_path)) as image:
        recipe = json.loads(image.text["styletransfer"])
    assert recipe["settings"]["keep_faces"] is True
    assert recipe["sha256"]["keep"] == hashlib.sha256(white.read_bytes()).hexdigest()
    page.reload()
    page.wait_for_selector(".placard.done")
    page.wait_for_selector(f"{BOX}:checked")
    page.click("#more > button")
    page.wait_for_selector("#keep-mask img[src*='white']")
    page.goto("/?keep_faces=false&seed=3")  # a look in a link takes precedence
    page.wait_for_selector(f"{BOX}:not(:checked)")
