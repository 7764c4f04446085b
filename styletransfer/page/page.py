"""The page: the layout as a person sees it from top to bottom, then the events of every feature.

A feature is a class in a module of its own. Its methods that end in `here` make its components where
they stand in the layout, and its `listen` registers its events once all components have been made.
"""

import gradio as gr

from ..catalogue import FOLDER, catalogue
from ..service.shares import Shares
from ..service.store import Store
from .advice import Advice
from .api import Api
from .assets import render
from .blend import Blend
from .boxes import Boxes
from .contact_sheet import NineLooks
from .crop import Crop
from .easel import Easel
from .examples import Examples
from .extras import Extras
from .finished import Finished
from .forecast_line import ForecastLine
from .i18n.translate import ENGLISH, Words
from .knobs import Knobs
from .paint import Paint
from .restore import Restore
from .share import Share
from .ui import Ui


def build(store: Store, shares: Shares, texts: Words = ENGLISH) -> gr.Blocks:
    """The page whose pictures are painted by this store's jobs, in one language.

    Args:
        store: where the jobs and their files are.
        shares: which of the pictures have a link.
        texts: what is said, in the page's language.
    """
    # Public art: served from where it is.
    gr.set_static_paths([FOLDER / name for name in ("photos", "styles", "results")])
    page = _Page(store, shares, texts)
    with gr.Blocks(
        title=texts.TITLE,
        fill_width=True,
        analytics_enabled=False,
        delete_cache=store.uploads.delete_cache,
    ) as demo:
        gr.HTML(render("heading", level=1, title=texts.TITLE, sentence=texts.LEAD), elem_id="title")
        with gr.Row(elem_id="studio", equal_height=False):
            with gr.Column(elem_id="desk", min_width=320):
                page.desk_here()
            with gr.Column(elem_id="easel", min_width=320):
                page.easel_here()
        page.examples.here()
        page.how_here()
        page.api.here()
        page.listen(demo)
    return demo


class _Page:
    """The features, and where their parts stand."""

    def __init__(self, store: Store, shares: Shares, texts: Words) -> None:
        self.texts = texts
        self.art = art = texts.catalogue(catalogue())
        self.boxes = Boxes(store.uploads, art, texts)
        self.crop = Crop(store.uploads.crops, texts)
        self.knobs = Knobs(texts)
        self.advice = Advice(store.queue, texts)
        self.forecast_line = ForecastLine(store, texts)
        self.blend = Blend(texts)
        self.extras = Extras(texts)
        self.looks = looks = NineLooks(store, texts)
        self.finished = finished = Finished(store, texts)
        self.easel = easel = Easel(store, finished, looks, art, texts)
        self.paint = Paint(store, easel, finished, looks, texts)
        self.share = Share(store, shares, easel, texts)
        self.restore = Restore(store, easel, finished, looks, texts)
        self.examples = Examples(art, store.runs, easel, texts)
        self.api = Api(store, texts)

    def desk_here(self) -> None:
        """What a picture is made from: photo, painting, settings; and the button that paints it."""
        with gr.Row(elem_id="inputs"):
            with gr.Column(min_width=120):
                self.boxes.photo_here()
            with gr.Column(min_width=120):
                self.boxes.painting_here()
                self.crop.ask_here()
        self.crop.board_here()
        self.boxes.row_here()
        self.knobs.presets_here()
        self.advice.here()
        self.knobs.front_here()
        with gr.Column(elem_id="go"):
            self.easel.buttons_here()
            self.forecast_line.here()
        self.looks.ask_here()
        self.knobs.advanced_here()
        self.extras.here(self.blend)

    def easel_here(self) -> None:
        """The picture, how it stands, and what can be done with it when it is finished."""
        self.looks.grid_here()
        self.easel.picture_here()
        self.finished.viewer_here()
        with gr.Row(elem_id="below", equal_height=False):
            self.easel.status_here()
            with gr.Column(elem_id="take", min_width=0, scale=0):
                self.finished.download_here()
                self.easel.keep_here()
        with gr.Row(elem_id="also"):
            self.looks.switch_here()
            self.finished.buttons_here()
            self.easel.go_on_here()
            self.share.buttons_here()
        self.share.answers_here()
        with gr.Row(elem_id="pictures"):
            self.finished.strip_here()
            gr.HTML(render("sentence", kind="", role="", sentence=self.texts.KEPT), elem_id="kept")

    def how_here(self) -> None:
        """How it works, what becomes of the pictures, and whose the photos are."""
        texts = self.texts
        credits = "; ".join(f"{photo.title}: {photo.credit}" for photo in self.art.photos)
        with gr.Accordion(texts.HOW, open=False, elem_id="how"):
            gr.Markdown(texts.HOW_TEXT)
            gr.Markdown(f"{texts.PRIVACY}\n\n{texts.PHOTO_CREDITS.format(credits=credits)}")

    def listen(self, demo: gr.Blocks) -> None:
        """Registers every feature's events; where several listen to one component, in this order."""
        ui = self._shared()
        self.knobs.listen()
        self.boxes.listen(ui)
        self.crop.listen(ui)
        self.blend.listen(ui)
        self.advice.listen(ui)
        self.extras.listen(ui)
        self.easel.listen(ui)
        self.looks.listen(ui)
        self.examples.listen(ui)
        ends = self.paint.listen(ui) + self.restore.listen(ui, demo)
        self.finished.listen(ui, ends)
        self.share.listen(ui)
        self.forecast_line.listen(ui, ends)
        self.api.listen(ui)

    def _shared(self) -> Ui:
        notes = dict.fromkeys(self.extras.boxes, self.extras.note)
        return Ui(
            mine=gr.State(),
            status=self.easel.status,
            picture=self.easel.picture,
            boxes=self.boxes.boxes | self.extras.boxes,
            notes=self.boxes.notes | notes,
            style_row=self.boxes.style_row,
            editor=self.extras.editor,
            under_masks=gr.State(),
            knobs=self.knobs,
        )
