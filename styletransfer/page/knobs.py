"""The settings on the page: a control for every knob, and presets that set several at once."""

from collections.abc import Iterable
from typing import Any

import gradio as gr
from gradio.components import Component

from ..errors import SettingsError
from ..presets import Preset, changed_by_any, preset, preset_of, presets
from ..settings import Settings, knobs
from .components import QUIET, Sent, View, control
from .i18n.translate import Words

_FIRST = "Standard"  # the preset that is selected at first

# What stands in front, from above: the balance, how it paints, the brush, the colours, the faces.
_FRONT = (
    *("content_weight", "style_weight", "style_loss"),
    *("brush_scale", "colours", "keep_faces"),
)
_WITH_PHOTO = "alpha"  # stands under the photo, and only if that has transparent parts
# The drawers by their ids, with what is in them; the laboratory, "advanced", has all the rest.
DRAWERS = {
    "size": ("size", "steps", "show_every"),
    "more": ("blend", "mask_softness"),
}


class Knobs:
    """The controls of the settings, and the presets.

    Attributes:
        controls: the controls, by the names of the knobs.
        presets: the presets that are always visible.
        preset_help: what the chosen preset is for.
        other_presets: the presets in the laboratory.
    """

    presets: gr.Radio
    preset_help: gr.HTML
    other_presets: gr.Radio

    def __init__(self, texts: Words) -> None:
        self.controls: dict[str, Component] = {}
        self._texts = texts

    def presets_here(self) -> None:
        """Makes the presets that are always visible, and the help on the chosen one."""
        self.presets = gr.Radio(
            self._names(front=True), value=_FIRST, label=self._texts.PRESETS, elem_id="presets"
        )
        self.preset_help = gr.HTML(self._help(presets()[_FIRST]), elem_id="preset-help")

    def photo_here(self) -> None:
        """Makes the control under the photo, which is hidden at first."""
        self._controls_here([_WITH_PHOTO])
        self.of_photo.visible = "hidden"

    def front_here(self) -> None:
        """Makes the controls that are always visible, in the order of `_FRONT`; new ones come last."""
        front = {knob.name: knob for knob in knobs() if knob.front and knob.name != _WITH_PHOTO}
        order = [name for name in _FRONT if name in front]
        self._controls_here([*order, *(name for name in front if name not in order)])

    def size_here(self) -> None:
        """Makes the controls for the size of the picture and for what decides how long it takes."""
        self._controls_here(DRAWERS["size"])

    def blend_here(self) -> None:
        """Makes the controls for several paintings and masks."""
        self._controls_here(DRAWERS["more"])

    def laboratory_here(self) -> None:
        """Makes the drawer with all other controls, and with the presets after papers and programs."""
        texts = self._texts
        elsewhere = {*DRAWERS["size"], *DRAWERS["more"]}
        rest = [knob.name for knob in knobs() if not (knob.front or knob.name in elsewhere)]
        with gr.Accordion(texts.ADVANCED, open=False, elem_id="advanced", elem_classes="drawer"):
            self.other_presets = gr.Radio(
                self._names(front=False), label=texts.OTHER_PRESETS, elem_id="other-presets"
            )
            self._controls_here(rest)

    @property
    def of_photo(self) -> Component:
        """The control under the photo: whether its transparency is kept."""
        return self.controls[_WITH_PHOTO]

    @property
    def inputs(self) -> set[Component]:
        """The components whose values `settings` reads."""
        return set(self.controls.values())

    @property
    def preset_outputs(self) -> list[Component]:
        """The components that show which preset is chosen."""
        return [self.presets, self.other_presets, self.preset_help]

    @property
    def outputs(self) -> list[Component]:
        """The components that `filled_in` changes."""
        return [*self.controls.values(), *self.preset_outputs]

    def settings(self, sent: Sent) -> Settings:
        """The settings to which the controls are set.

        Raises:
            SettingsError: a value is not allowed.
        """
        return Settings(**{name: sent[control] for name, control in self.controls.items()})

    def filled_in(self, settings: Settings) -> View:
        """Sets the controls to these settings, and selects the preset that matches them, if any."""
        values = {control: getattr(settings, name) for name, control in self.controls.items()}
        return values | self._marked(preset_of(settings))

    def preset_marked(self, sent: Sent) -> View:
        """Selects the preset that matches the controls, or none."""
        try:
            return self._marked(preset_of(self.settings(sent)))
        except SettingsError:
            return self._marked(None)

    def listen(self) -> None:
        """Registers what happens when a control or a preset is used."""
        gr.on(
            [control.input for control in self.controls.values()],
            self.preset_marked,
            self.inputs,
            self.preset_outputs,
            trigger_mode="always_last",
            **QUIET,
        )
        reset = [*self.preset_outputs, *(self.controls[name] for name in changed_by_any())]
        for row in (self.presets, self.other_presets):
            row.input(self._preset_chosen, row, reset, **QUIET)

    def _preset_chosen(self, name: Any) -> View:
        chosen = preset(str(name))
        values = changed_by_any() | chosen.settings
        return {self.controls[name]: value for name, value in values.items()} | self._marked(chosen)

    def _marked(self, chosen: Preset | None) -> View:
        return {
            self.presets: chosen.name if chosen and chosen.front else None,
            self.other_presets: chosen.name if chosen and not chosen.front else None,
            self.preset_help: self._help(chosen) if chosen else "",
        }

    def _help(self, chosen: Preset) -> str:
        return self._texts.preset(chosen).help

    def _names(self, front: bool) -> list[tuple[str, str]]:
        """The presets as pairs of name in the page's language and name by which programs know them."""
        row = [preset for preset in presets().values() if preset.front == front]
        return [(self._texts.preset_name(preset), preset.name) for preset in row]

    def _controls_here(self, names: Iterable[str]) -> None:
        named = {knob.name: knob for knob in knobs()}
        for name in names:
            self.controls[name] = control(named[name], self._texts)
