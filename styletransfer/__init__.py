"""Turn a photo into a painting: neural style transfer after Gatys, Ecker and Bethge.

The door for programs: `load_image`, then a loop over `stylize`. Every name is imported when it is first
used (PEP 562), so that `import styletransfer` alone costs nothing and does not import torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .engine.step import Step
    from .engine.stylize import stylize
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

_MODULES = {
    "Pictures": "pictures",
    "Settings": "settings",
    "Step": "engine.step",
    "StyleTransferError": "errors",
    "load_image": "images",
    "load_network": "network.vgg",
    "save_image": "images",
    "stylize": "engine.stylize",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value  # the next use finds it without this function
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
