"""Who has started a job, as far as the limits of the queue have to know."""

from typing import NamedTuple


class Visitor(NamedTuple):
    """A visitor.

    Attributes:
        address: the network address, which the visitors of a school or a household share; "" if unknown.
        browser: the browser's name; "" if it has none, as programs.
    """

    address: str = ""
    browser: str = ""

    def __str__(self) -> str:
        return f"{self.address} {self.browser}".strip()

    @classmethod
    def of(cls, text: str) -> "Visitor":
        """The visitor that was written as this text."""
        address, _, browser = text.partition(" ")
        return cls(address, browser)


NOBODY = Visitor()  # without limits
