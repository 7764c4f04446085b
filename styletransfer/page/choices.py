"""What is chosen for the next picture, kept by the browser: it comes back by Undo, or after a reload."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from gradio.components import Component
from gradio.events import Dependency

from ..look_link import NAMES as LINK_NAMES
from ..pictures import NAMES
from ..service.inputs import STROKES
from ..settings import knobs
from .assets import function, render, script
from .components import QUIET
from .i18n.translate import Words
from .ui import Ui

_IN_BROWSER: dict[str, Any] = QUIET | {"queue": False, "trigger_mode": "multiple"}


class Choices:
    """The chip Undo. The browser keeps the choices, the server none.

    Args:
        kept: for how many seconds they are kept, pictures too.
        texts: the texts in the page's language.

    Attributes:
        undo: the chip, which is there when something was replaced.
    """

    undo: gr.HTML
    ui: Ui

    def __init__(self, kept: float, texts: Words) -> None:
        self._kept = kept
        self._texts = texts

    def here(self) -> None:
        """Makes the chip, which is hidden at first."""
        known = {
            "LINK_NAMES": LINK_NAMES,
            "COUNT": len(NAMES) + 1 + len(knobs()) + 1,  # as many as `_chosen`
            "KEPT": 1000 * self._kept,  # milliseconds
        }
        scripts = script("choices", STROKES=len(NAMES)) + script("kept_choices", **known)
        chip = render("undo", texts=self._texts)
        self.undo = gr.HTML(chip, js_on_load=scripts, elem_id="undo")

    def listen(self, ui: Ui, demo: gr.Blocks) -> tuple[Dependency, Dependency]:
        """Tells the script of all choices whenever one changes, and takes over what it brings back.

        Returns the event after which the choices are back, and the one after which another photo or
        painting is.
        """
        self.ui = ui
        chosen = self._chosen
        # The last one has the values after all changes: of two at once, the older may arrive later.
        tell = {"js": function("choices_told")} | _IN_BROWSER | {"trigger_mode": "always_last"}
        gr.on([each.change for each in chosen], None, chosen, None, **tell)
        demo.load(None, chosen, None, **tell)
        outputs = [*chosen, ui.editor, ui.under_masks]
        back = self.undo.back(None, ui.under_masks, outputs, js=function("choices_back"), **_IN_BROWSER)
        marked = back.then(ui.knobs.preset_marked, ui.knobs.inputs, ui.knobs.preset_outputs, **QUIET)
        pictured = self.undo.pictured(None, None, None, js="() => []", **_IN_BROWSER)
        return marked, pictured

    def listen_to(self, looked: Sequence[Callable[..., Dependency]]) -> None:
        """Brings back what the tab had chosen, after the job was looked for that it shows.

        Only then begins what is chosen to be kept.

        Args:
            looked: register what follows each of the ways in which that may have ended.
        """
        for ended in looked:
            ended(None, None, None, js=function("choices_recalled"), **_IN_BROWSER)

    @property
    def _chosen(self) -> list[Component]:
        """What is kept: the boxes, photo and painting first, the controls, and the place on the wall.

        The strokes of the masks stand behind the other boxes.
        """
        ui = self.ui
        boxes = [ui.boxes[name] for name in (*NAMES, STROKES)]
        return [*boxes, *ui.knobs.controls.values(), ui.style_row]
