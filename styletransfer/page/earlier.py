"""Earlier results: the settings of each are one touch away, and several are compared side by side."""

import asyncio
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components import Component
from gradio.events import Dependency

from ..errors import StyleTransferError
from ..pictures import EXTRAS, NAMES, STYLES
from ..service.inputs import STROKES
from ..service.run import Run
from ..service.store import Store
from .components import QUIET, Sent, View, file_of, painting_index, quiet_button, told
from .differences import differences
from .finished import served, templated
from .i18n.translate import Words
from .ui import Ui

_MOST = 4  # pictures side by side


class Earlier:
    """What is done with the results of this browser.

    Attributes:
        use: the button that puts back what the shown picture was painted with.
        beside: the button that shows pictures side by side; static/beside.js listens to it.
        board: the pictures side by side, with what differs in their settings.
    """

    use: gr.Button
    beside: gr.Button
    board: gr.HTML
    ui: Ui

    def __init__(self, store: Store, texts: Words) -> None:
        self._runs, self._files, self._crops = store.runs, store.files, store.uploads.crops
        self._texts = texts

    def use_here(self) -> None:
        """Makes the button for the settings of the shown picture."""
        self.use = quiet_button(self._texts.USE_SETTINGS, "use")

    def beside_here(self) -> None:
        """Makes the button for pictures side by side."""
        self.beside = quiet_button(self._texts.BESIDE, "beside")

    def board_here(self) -> None:
        """Makes the place on the stage for pictures side by side."""
        self.board = templated("beside", self._texts, elem_id="beside-board", elem_classes="layer")

    def listen(self, ui: Ui) -> list[Dependency]:
        """Registers what happens when the buttons are pressed, and which pictures are side by side.

        Returns the events after which other settings and paintings are chosen.
        """
        self.ui = ui
        sent = {ui.job_id, ui.boxes["content"]}
        changed: list[Component] = [*ui.desk, *ui.all_notes]
        self.board.chosen(self._compared, None, self.board, **QUIET)
        return [
            self.use.click(self._shown_used, sent, changed, **QUIET),
            self.board.use(self._other_used, sent, changed, **QUIET),
        ]

    def _shown_used(self, sent: Sent) -> View:
        return self._used(self._runs.find_run(sent[self.ui.job_id]), sent)

    def _other_used(self, sent: Sent, event: gr.EventData) -> View:
        return self._used(self._runs.find_run(told(event, "picture")), sent)

    def _used(self, run: Run | None, sent: Sent) -> View:
        """Everything as this run was started with it, but for the photo, if another one is chosen.

        Masks and a start belong to their photo, and come back only with it.
        """
        ui = self.ui
        if run is None:  # dropped meanwhile
            return {ui.style_row: gr.skip()}
        files = {name: file for name, file in run.inputs.files.items() if Path(file).exists()}
        chosen = file_of(sent[ui.boxes["content"]])
        with_photo = chosen in (None, files.get("content"))
        names = (*NAMES, STROKES) if with_photo else STYLES
        view = ui.knobs.filled_in(run.current_settings) | ui.without_notes()
        if with_photo:
            view |= ui.without_extras()
        view |= {ui.boxes[name]: files.get(name) for name in names if name in files or name in EXTRAS}
        if "style" in files:
            view[ui.style_row] = painting_index(self._painting_of(files["style"]))
        return view

    async def _compared(self, event: gr.EventData) -> list[dict[str, Any]]:
        """The pictures that the browser names, as beside.html shows them."""
        ids = getattr(event, "pictures", None)
        if not isinstance(ids, list):
            raise StyleTransferError("field_malformed", field="pictures")
        runs = [run for id in ids[:_MOST] if (run := self._runs.find_run(id)) and run.finished]
        return await asyncio.to_thread(self._beside, runs)

    def _beside(self, runs: list[Run]) -> list[dict[str, Any]]:
        texts = self._texts
        seen = [(run, file) for run in runs if (file := self._files.result(run))]
        columns = differences([run for run, _ in seen], self._painting_of, texts)
        alike = texts.BESIDE_ALIKE if len(seen) > 1 else texts.BESIDE_ONE
        return [
            {
                "id": run.id,
                "picture": served(file),
                "label": texts.BESIDE_PICTURE.format(n=place),
                "rows": [{"name": name, "said": said} for name, said in rows],
                "alike": "" if rows else alike,
                "use": texts.USE_SETTINGS,
                "use_label": texts.BESIDE_USE.format(n=place),
            }
            for place, ((run, file), rows) in enumerate(zip(seen, columns, strict=True), 1)
        ]

    def _painting_of(self, file: Any) -> Any:
        """The file of the whole painting, of which this file may hold a part."""
        return self._crops.source_of(file).source
