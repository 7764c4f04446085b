"""What else acts on the next picture, beside the button Paint, as chips that can be taken off.

Further paintings, masks, a picture to start from, and settings in drawers stay in force while their
drawer is closed. Nothing of that acts unseen.
"""

from collections.abc import Iterable
from typing import Any

import gradio as gr
from gradio.components import Component
from gradio.events import Dependency

from ..errors import SettingsError
from ..pictures import REQUIRED, START, STYLES
from ..presets import presets
from ..service.inputs import PAINTED, STROKES
from ..settings import Settings, knobs
from .assets import render, script
from .components import QUIET, Sent, View, file_of, pressed
from .i18n.translate import Words
from .ui import Ui

_PAINTINGS = tuple(name for name in STYLES if name not in REQUIRED)
_KINDS = ("paintings", "masks", "start", "settings")  # a chip's button sends its place in here
_NAMED = 2  # settings that are named on their chip; more are counted


class Chips:
    """The row of chips, and what happens when one is taken off.

    Attributes:
        line: the chips as HTML; it changes whenever anything changes that acts unseen.
    """

    line: gr.HTML
    ui: Ui

    def __init__(self, texts: Words) -> None:
        self._texts = texts

    def here(self) -> None:
        """Makes the row, which is empty at first."""
        self.line = gr.HTML(self._line({}), js_on_load=script("choose"), elem_id="chips")

    def listen(self, ui: Ui, painted: Dependency) -> None:
        """Keeps the chips up to date, as far as components that are seen tell of changes.

        Args:
            ui: the shared components.
            painted: the event after which it is known which masks are painted.
        """
        self.ui = ui
        seen = [ui.boxes["content"], ui.boxes["style"], *ui.extras, ui.knobs.preset_help]
        hidden = [ui.knobs.controls[name] for name in _hidden()]
        changes: list[Any] = [each.change for each in (*seen, *hidden)]
        gr.on(changes, self._told, self._sent, self.line, trigger_mode="always_last", **QUIET)
        strokes = [ui.boxes[STROKES], *ui.mask_editing]
        changed = [self.line, *ui.extras, *strokes, *ui.knobs.outputs]
        self.listen_to([painted])
        # One chip may be taken off while the answer for another one is still on its way.
        self.line.select(self._taken_off, self._sent, changed, trigger_mode="multiple", **QUIET)

    def listen_to(self, ends: Iterable[Dependency]) -> None:
        """Updates the chips after these events, too, which fill in boxes in closed drawers."""
        for end in ends:
            end.then(self._told, self._sent, self.line, **QUIET)

    @property
    def _sent(self) -> set[Component]:
        return {*self.ui.extras, self.ui.painted, *self.ui.knobs.inputs}

    def _told(self, sent: Sent) -> str:
        return self._line(self._acting(sent))

    def _acting(self, sent: Sent) -> dict[str, str]:
        """What acts unseen, in words, by kind."""
        texts, boxes = self._texts, self.ui.boxes
        there = {name for name in (*_PAINTINGS, START) if file_of(sent[boxes[name]])}
        paintings, masks = len(there & {*_PAINTINGS}), len(self.ui.masks(sent))
        said = {}
        if paintings:
            more = texts.CHIP_PAINTINGS if paintings > 1 else texts.CHIP_PAINTING
            said["paintings"] = more.format(n=paintings)
        if masks:
            said["masks"] = (texts.CHIP_MASKS if masks > 1 else texts.CHIP_MASK).format(n=masks)
        if START in there:
            said["start"] = texts.CHIP_START
        try:
            _, changed = unseen(self.ui.settings(sent))
        except SettingsError:  # it is said when the visitor presses Paint
            return said
        if changed:
            said["settings"] = self._settings(changed)
        return said

    def _settings(self, changed: dict[str, Any]) -> str:
        texts = self._texts
        if len(changed) > _NAMED:
            return texts.CHIP_SETTINGS.format(n=len(changed))
        named = {knob.name: texts.knob(knob) for knob in knobs()}
        return " · ".join(
            f"{named[name].label}: {texts.choice(name, named[name].text(value))}"
            for name, value in changed.items()
        )

    def _taken_off(self, sent: Sent, event: gr.EventData) -> View:
        """Empties the boxes that a chip stands for, or sets its settings back."""
        ui, kind = self.ui, pressed(event, _KINDS)
        names = {
            "paintings": _PAINTINGS,
            "masks": (*PAINTED, STROKES),
            "start": (START,),
            "settings": (),
        }[kind]
        view: View = dict.fromkeys(ui.boxes[name] for name in names)
        if kind == "masks":
            view |= ui.nothing_laid()
        if kind == "settings":
            base, changed = unseen(ui.settings(sent))
            view |= {ui.knobs.controls[name]: getattr(base, name) for name in changed}
        left = dict(sent) | {component: value for component, value in view.items() if component in sent}
        if kind == "masks":
            left[ui.painted] = ""  # as soon as the strokes are gone
        return view | ui.knobs.preset_marked(left) | {self.line: self._line(self._acting(left))}

    def _line(self, acting: dict[str, str]) -> str:
        chips = [(index, kind, acting[kind]) for index, kind in enumerate(_KINDS) if kind in acting]
        return render("chips", chips=chips, label=self._texts.CHIPS, take_off=self._texts.CHIP_OFF)


def unseen(settings: Settings) -> tuple[Settings, dict[str, Any]]:
    """The nearest preset in front, and the settings in drawers that differ from it.

    Args:
        settings: as the controls are set.
    """
    names = _hidden()

    def differing(base: Settings) -> dict[str, Any]:
        values = {name: getattr(settings, name) for name in names}
        return {name: value for name, value in values.items() if value != getattr(base, name)}

    bases = [Settings(**preset.settings) for preset in presets().values() if preset.front]
    nearest = min(bases, key=lambda base: len(differing(base)))
    return nearest, differing(nearest)


def _hidden() -> list[str]:
    return [knob.name for knob in knobs() if not knob.front]
