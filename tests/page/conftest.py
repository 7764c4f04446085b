"""Fixtures for browsers of separate visitors."""

from contextlib import ExitStack

import pytest

from tests.support.browser import WAIT, WIDE


@pytest.fixture
def visitor(browser, server):
    """A function that opens a new visitor's browser without stored data; closed after the test."""
    with ExitStack() as visitors:

        def new(**options):
            options = WIDE | {"base_url": server} | options
            context = visitors.enter_context(browser.new_context(**options))
            context.set_default_timeout(WAIT)
            context.on("page", _tells_of_dialogues)
            return context

        yield new


@pytest.fixture
def context(visitor):
    """One visitor's browser, on a wide screen."""
    return visitor()


def _tells_of_dialogues(page):
    """Has the browser tell of dialogues for files from the first on.

    It begins to when the first listener comes, but only after a while: a dialogue that only
    `expect_file_chooser` waits for is missed if it opens right after that.
    """
    page.on("filechooser", lambda dialogue: None)
