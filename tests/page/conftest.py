"""A visitor's browser."""

import pytest

from tests.support.browser import WAIT


@pytest.fixture
def context(browser, server):
    """One visitor's browser, with nothing kept from before."""
    context = browser.new_context(viewport={"width": 1360, "height": 900}, base_url=server)
    context.set_default_timeout(WAIT)
    yield context
    context.close()
