"""Scripts by which the browser remembers its pictures' ids, and each tab the picture that it shows.

The browser stores ids only, the newest first; the server has the pictures. Favourite paintings are
stored by their names, which stay when paintings are added to the catalogue.
"""

from ..look_link import NAMES
from .assets import function, script

_PICTURES = "styletransfer-pictures"  # key in localStorage, which all tabs share, of a list of ids
_FAVOURITES = "styletransfer-favourites"  # likewise, of a list of names of paintings
_SHARED = "styletransfer-shared"  # likewise, of a list of keys by which shared paintings are taken back
JOB = "styletransfer-job"  # key in sessionStorage, which is the tab's own, of one id
_TAB = "styletransfer-tab"  # likewise, of the name under which kept_choices.js keeps the tab's choices
_UPLOADED = (
    "styletransfer-uploaded"  # likewise, of a list of the files of strokes that are on the server
)

# Makes `window.remembered`, by which the other scripts read and write; it has to run before them.
_KEYS = {
    "PICTURES_KEY": _PICTURES,
    "FAVOURITES_KEY": _FAVOURITES,
    "SHARED_KEY": _SHARED,
    "JOB_KEY": JOB,
    "TAB_KEY": _TAB,
    "UPLOADED_KEY": _UPLOADED,
}
HEAD_JS = script("remembered", **_KEYS)
LINK_JS = script("run_link")
REMEMBER_JS = script("remember", LINK_NAMES=NAMES)
FORGET_JS = script("forget")
RECALL_JS = function("recall")


def with_ids(*names: str) -> str:
    """The `js` of an event: passes on these inputs, followed by the ids of this browser's pictures."""
    return function("with_ids", INPUTS=len(names))
