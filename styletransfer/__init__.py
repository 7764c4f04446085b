"""Turn a photo into a painting: neural style transfer after Gatys, Ecker and Bethge.

The door for programs: `load_image`, then a loop over `stylize`.
"""

import sys

from .interrupt import stop_quietly

# What Python has there while it imports a package that is run by `python -m`.
if sys.argv[:1] == ["-m"]:
    stop_quietly()

from .engine.stylize import Step, stylize
from .errors import StyleTransferError
from .images import load_image, save_image
from .network.vgg import load_network
from .pictures import Pictures
from .settings import Settings

__all__ = [
    "Pictures",
    "Settings",
    "Step",
    "StyleTransferError",
    "load_image",
    "load_network",
    "save_image",
    "stylize",
]
