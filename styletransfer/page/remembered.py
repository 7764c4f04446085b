"""What the browser remembers: the ids of its pictures, newest first, and in each tab which one it shows.

Scripts for the page; what the ids stand for is with the server.
"""

from ..look_link import NAMES
from .assets import function, script

_PICTURES = "styletransfer-pictures"  # in localStorage, for all tabs: a list of ids
_JOB = "styletransfer-job"  # in sessionStorage, for this one: an id

REMEMBER_JS = script("remember", PICTURES_KEY=_PICTURES, JOB_KEY=_JOB, LINK_NAMES=NAMES)
FORGET_JS = script("forget", PICTURES_KEY=_PICTURES)
RECALL_JS = function("recall", PICTURES_KEY=_PICTURES, JOB_KEY=_JOB)


def with_ids(*names: str) -> str:
    """A script that hands on these inputs, and after them the ids of all this browser's pictures."""
    return function("with_ids", PICTURES_KEY=_PICTURES, INPUTS=len(names))
