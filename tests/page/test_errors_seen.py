"""What nobody has foreseen is told to the visitor, in a real browser and in the page's language."""

import pytest

from styletransfer.errors import StyleTransferError
from styletransfer.page.i18n.translate import languages
from tests.support.browser import PHOTO, WIDE, choose

# A server whose queue fails where a picture is started and where memory is asked for.
BROKEN = """
from styletransfer.page.server import launch
from styletransfer.service.queue import Queue
from styletransfer.service.store import Store

class Broken(Queue):
    def check_limits(self, visitor=""):
        raise RuntimeError("out of order, at /srv/secret")

    free_memory = check_limits

launch(Store(Broken(runner=None)))
"""


@pytest.fixture(scope="module")
def broken(serve):
    return serve("-c", BROKEN).url


@pytest.mark.parametrize(("locale", "language"), [("en-US", "en"), ("de-DE", "de")])
def test_the_placard_and_a_message_say_so_and_nothing_is_lost(broken, visitor, locale, language):
    sentence = languages()[language].error(StyleTransferError("page_failed"))
    page = visitor(**WIDE | {"base_url": broken, "locale": locale}).new_page()
    page.goto("/")
    page.wait_for_selector("#go")
    page.set_input_files("#photo input[type=file]", PHOTO)
    # The advice asks for the free memory, and has no place of its own for errors.
    page.locator("[data-testid=toast-body][role=status]", has_text=sentence).wait_for()
    page.click("[data-testid=toast-close]")
    choose(page, size=128)
    page.click("#paint")
    page.locator(".placard.failed [role=alert]", has_text=sentence).wait_for(state="attached")
    assert page.is_visible("#paint")
    assert page.locator("#photo .image-frame img").count() == 1
    assert page.locator("#style .image-frame img").count() == 1
    assert "secret" not in page.content()
