"""The wall of paintings: its order and weight, and in a browser search, favourites and arrow keys."""

import dataclasses
import gzip
import re

from styletransfer.catalogue import MOODS, catalogue
from styletransfer.page.i18n import english as texts
from styletransfer.page.i18n.translate import ENGLISH, languages
from styletransfer.page.painting_colours import COLOURS, colours_of_file
from styletransfer.page.wall import wall_html
from tests.support.browser import PHONE, visit

ART = catalogue()
FAVOURITES = "localStorage.getItem('styletransfer-favourites')"

# How the chosen painting and the focused one are marked: by their colours, and by a tick.
MARKED = """() => [document.querySelector("#style-row [data-index][aria-pressed=true]"),
  document.activeElement].map((each) => ({
    ring: getComputedStyle(each).boxShadow.match(/rgb.*?\\)/g).at(-1),
    frame: getComputedStyle(each).outlineColor,
    tick: getComputedStyle(each, "::after").content.includes("✓") }))"""


def hung(html: str) -> list[int]:
    return [int(index) for index in re.findall(r'data-index="(\d+)"', html)]


def test_every_painting_hangs_once_by_mood_and_then_by_colour():
    order = hung(wall_html(ART, ENGLISH, ""))
    assert sorted(order) == list(range(len(ART.styles)))
    places = [
        (MOODS.index(style.mood), COLOURS.index(colours_of_file(style.file)[0]))
        for style in (ART.styles[index] for index in order)
    ]
    assert places == sorted(places)


def test_moods_and_colours_are_found_in_the_visitors_language():
    html = wall_html(languages()["de"].catalogue(ART), languages()["de"], "")
    assert re.search(r'data-words="[^"]*Stürmisch Blau"', html)
    assert "Kröller-Müller" in html
    assert "Blue" not in html


def test_two_hundred_paintings_are_a_few_kilobytes_and_no_picture_is_within():
    many = dataclasses.replace(ART, styles=ART.styles * 5)
    html = wall_html(many, ENGLISH, "").encode()
    assert html.count(b"data-index") == 200
    assert b"data:image" not in html
    assert html.count(b'loading="lazy"') == 200
    assert len(gzip.compress(html)) < 15_000


def shown(page) -> list[str]:
    return page.locator("#style-row .painting:visible .star").evaluate_all(
        "stars => stars.map(star => star.dataset.name)"
    )


def test_paintings_are_found_kept_as_favourites_and_reached_by_arrow_keys(context):
    page = visit(context)
    wall = page.locator("#style-row")
    assert len(shown(page)) == len(ART.styles)
    # Words in any order, without accents, and names of moods and colours count.
    wall.locator("input").fill("lion durer")
    assert shown(page) == ["durer-lion"]
    assert wall.locator(".found").inner_text() == texts.WALL_FOUND.format(n=1)
    wall.locator("input").fill("gogh stormy blue")
    assert "van-gogh-church-at-auvers" in shown(page)
    wall.locator("input").fill("nothing like it")
    assert shown(page) == []
    assert wall.locator(".nothing").inner_text() == texts.WALL_NONE
    wall.locator("input").fill("")
    wall.locator(".chips [data-mood=line]").click()
    wall.locator("[data-colour=blue]").click()
    assert set(shown(page)) == {"hashiguchi-ducks", "hiroshige-horse-mackerel-prawns"}
    # By an arrow from the chosen painting to the next one, which looks otherwise; by Tab to its star.
    page.click("#style-row [data-index][tabindex='0']")
    page.wait_for_selector("#style-row [aria-pressed=true][data-index][tabindex='0']")
    page.keyboard.press("ArrowRight")
    for dark in (False, True):
        page.evaluate("dark => document.body.classList.toggle('dark', dark)", dark)
        chosen, focused = page.evaluate(MARKED)
        assert chosen["ring"] != focused["frame"]
        assert (chosen["tick"], focused["tick"]) == (True, False)
    page.keyboard.press("Tab")
    name = page.evaluate("document.activeElement.dataset.name")
    assert name == shown(page)[1]
    page.keyboard.press("Enter")
    page.wait_for_function(f"{FAVOURITES} === JSON.stringify(['{name}'])")
    wall.locator(".chips [data-mood=line]").click()
    wall.locator("[data-colour=blue]").click()
    assert len(shown(page)) == len(ART.styles)
    page.reload()
    wall.locator("[data-favourites]").click()
    wall.locator(".painting:visible").nth(1).wait_for(state="hidden")
    assert shown(page) == [name]
    page.click("#more > button")  # the other wall has the same favourite
    star = page.locator(f"#mix-row .star[data-name='{name}']")
    assert star.get_attribute("aria-pressed") == "true"
    star.click()
    wall.locator(".nothing", has_text=texts.WALL_NO_FAVOURITES).wait_for()


def test_on_a_narrow_phone_the_paintings_are_one_row_to_swipe(visitor):
    page = visit(visitor(**PHONE | {"viewport": {"width": 360, "height": 640}}))
    tops = page.locator("#style-row .painting").evaluate_all(
        "all => all.map(each => Math.round(each.getBoundingClientRect().top))"
    )
    assert len(set(tops)) == 1
    assert page.evaluate("document.documentElement.scrollWidth") == 360
