"""The main button before there is anything to paint: it asks for what is missing.

Four buttons stand in one place: Choose a photo, Choose a painting, Paint, and Stop. `next_step.css`
shows the one that comes next, by what is in the boxes and on the placard; when a picture is done, it
makes Save the one to press. Nothing can be pressed that would fail for want of a picture; while the
photo is on its way to the server, Paint is held (`coming.js`).
"""

import gradio as gr

from .i18n.translate import Words


class NextStep:
    """The buttons for what is missing. `static/next_step.js` does what they say, in the browser alone.

    Attributes:
        choose: opens the dialogue for the photo.
        pick: leads to the paintings.
    """

    choose: gr.Button
    pick: gr.Button

    def __init__(self, texts: Words) -> None:
        self._texts = texts

    def buttons_here(self) -> None:
        """Makes the buttons."""
        self.choose = gr.Button(self._texts.CHOOSE_PHOTO, variant="primary", elem_id="choose")
        self.pick = gr.Button(self._texts.CHOOSE_PAINTING, variant="primary", elem_id="pick")
