"""Turn a photo into a painting: neural style transfer after Gatys, Ecker and Bethge.

The door for programs: `load_image`, then a loop over `stylize`.
"""

from .errors import StyleTransferError
from .images import load_image, save_image
from .settings import Settings
from .stylize import Step, stylize
from .vgg import load_network

__all__ = [
    "Settings",
    "Step",
    "StyleTransferError",
    "load_image",
    "load_network",
    "save_image",
    "stylize",
]
