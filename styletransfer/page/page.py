"""The page as a whole: its layout from top to bottom, and the events of all its features.

A feature is a class in a module of its own. Its methods whose names end in `here` make its components at
the place of the call in the layout, and its method `listen` registers its events once all components of
the page have been made.
"""

import gradio as gr

from ..catalogue import FOLDER, catalogue
from ..service.inputs import STROKES
from ..service.shares import Shares
from ..service.store import Store
from .advice import Advice
from .api import Api
from .assets import render
from .blend import Blend
from .boxes import Boxes
from .chips import Chips
from .choices import Choices
from .components import carried, photo_input
from .contact_sheet import NineLooks
from .crop import Cropping
from .earlier import Earlier
from .easel import Easel
from .examples import Examples
from .extras import Extras
from .faces_note import FacesNote
from .finished import Finished
from .forecast_line import ForecastLine
from .guarded import GuardedBlocks
from .i18n.how_texts import how_texts
from .i18n.translate import ENGLISH, Words
from .knobs import Knobs
from .language_switch import language_switch
from .larger import Larger
from .leaving import Leaving
from .next_step import NextStep
from .paint import Paint
from .photos import Photos
from .preset_times import PresetTimes
from .restore import Restore
from .save_all import SaveAll
from .share import Sharing
from .size_choice import SizeChoice
from .tryout import Tryout
from .ui import Ui


def build(store: Store, shares: Shares, texts: Words = ENGLISH) -> gr.Blocks:
    """The page in one language, with the jobs of this store.

    Args:
        store: the jobs and their files.
        shares: the links to finished pictures.
        texts: the texts in the page's language.
    """
    # The art of the catalogue is public, so Gradio may serve these folders directly.
    gr.set_static_paths([FOLDER / name for name in ("photos", "styles", "results")])
    page = _Page(store, shares, texts)
    with GuardedBlocks(
        title=texts.TITLE,
        fill_width=True,
        analytics_enabled=False,
        delete_cache=store.uploads.delete_cache,
    ) as demo:
        heading = render("heading", level=1, title=texts.TITLE, sentence=texts.LEAD)
        gr.HTML(heading + language_switch(texts), elem_id="title")
        with gr.Row(elem_id="studio", equal_height=False):
            with gr.Column(elem_id="easel", min_width=320):
                page.easel_here()
            with gr.Column(elem_id="desk", min_width=320):
                page.desk_here()
        page.examples.here()
        page.how_here()
        page.api.here()
        demo.guard(page.listen(demo), texts)
    return demo


class _Page:
    """The features of the page, and the places of their components in the layout."""

    def __init__(self, store: Store, shares: Shares, texts: Words) -> None:
        self.texts = texts
        hours = texts.number(f"{store.queue.limits.keep / 3600:g}")
        self.kept_for = texts.HOURS.format(h=hours)
        self.art = art = texts.catalogue(catalogue())
        self.boxes = Boxes(store.uploads, art, texts)
        self.photos = Photos(store, texts)
        self.save_all = SaveAll(store, texts)
        self.crop = Cropping(store.uploads.crops, texts)
        self.knobs = Knobs(texts)
        self.faces_note = FacesNote(texts)
        self.advice = Advice(store.queue, texts)
        self.times = PresetTimes(store.queue, texts)
        self.size_choice = SizeChoice(store.queue, texts)
        self.forecast_line = ForecastLine(store, texts)
        self.next_step = NextStep(texts)
        self.choices = Choices(store.queue.limits.keep_uploads, texts)
        self.chips = Chips(texts)
        self.blend = Blend(texts)
        self.extras = Extras(store.runs, texts)
        self.tryout = Tryout(store.queue, texts)
        self.looks = looks = NineLooks(store, texts)
        self.finished = finished = Finished(store, texts)
        self.easel = easel = Easel(store, finished, looks, art, texts)
        self.paint = Paint(store, easel, finished, looks, texts)
        self.larger = Larger(store, easel, texts)
        self.share = Sharing(store, shares, easel, self.kept_for, texts)
        self.restore = Restore(store, easel, finished, looks, texts)
        self.earlier = Earlier(store, texts)
        self.leaving = Leaving(store, texts)
        self.examples = Examples(art, store.runs, easel, texts)
        self.api = Api(store, texts)

    def easel_here(self) -> None:
        """Makes the left side: the stage, what is said of it, and what can be done with it."""
        with gr.Column(elem_id="stage"):
            self.easel.picture_here()
            self.finished.viewer_here(self.easel.first)
            self.looks.grid_here()
            self.earlier.board_here()
            self.tryout.layer_here()
            self.crop.board_here()
            self.extras.mask_board_here()
            self.share.answers_here()
            self.larger.board_here()
            self.leaving.board_here()
        with gr.Row(elem_id="below", equal_height=False):
            self.tryout.caption_here()
            self.easel.status_here()
            with gr.Column(elem_id="go"):
                self._next_step_here()
        with gr.Row(elem_id="also"):
            self.leaving.ask_here()
            self.looks.switch_here()
            self.earlier.use_here()
            self.finished.buttons_here()
            self.save_all.here()
            self.larger.button_here()
            self.easel.go_on_here()
            self.easel.keep_here()
            self.finished.format_here()
            self.share.buttons_here()
        with gr.Row(elem_id="pictures"):
            self.finished.strip_here()
            self.earlier.beside_here()
            kept = self.texts.KEPT.format(time=self.kept_for)
            gr.HTML(render("sentence", kind="", role="", sentence=kept), elem_id="kept")

    def _next_step_here(self) -> None:
        """Makes the button for the next step, the forecast, and the chips for what else acts."""
        with gr.Row(elem_id="next"):
            self.next_step.buttons_here()
            self.easel.buttons_here()
            self.finished.download_here()
            self.share.share_here()
        self.forecast_line.here()
        with gr.Row(elem_id="acting"):
            self.choices.here()
            self.chips.here()

    def desk_here(self) -> None:
        """Makes the right side: photo, painting and settings, what few need last and in drawers."""
        with gr.Row(elem_id="inputs"):
            with gr.Column(min_width=120):
                self.boxes.photo_here()
                self.knobs.photo_here()
            with gr.Column(min_width=120):
                self.boxes.painting_here()
                self.crop.ask_here()
        self.photos.here()
        self.boxes.row_here()
        self.looks.ask_here()
        with gr.Column(elem_id="how-long"):
            self.knobs.presets_here()
            self.times.here()
        self.advice.here()
        with gr.Column(elem_id="front"):
            self.knobs.front_here()
            self.faces_note.here()
        self.size_choice.here(self.knobs)
        self.extras.here(self.blend, self.knobs)
        self.knobs.laboratory_here()

    def how_here(self) -> None:
        """Makes the texts at the end: how it works, privacy, and the credits of the photos."""
        texts = self.texts
        credits = "; ".join(f"{photo.title}: {photo.credit}" for photo in self.art.photos)
        packages = [style.source for style in self.art.styles]
        sources = dict.fromkeys(f"{each.package} ({each.licence})" for each in packages)
        gr.Markdown(f"[{how_texts(texts.language)['link']}](how-it-works)", elem_id="how-page")
        with gr.Accordion(texts.HOW, open=False, elem_id="how"):
            gr.Markdown(texts.HOW_TEXT)
            privacy = texts.PRIVACY.format(time=self.kept_for)
            said = texts.PHOTO_CREDITS.format(credits=credits, sources="; ".join(sources))
            gr.Markdown(f"{privacy}\n\n{said}")

    def listen(self, demo: gr.Blocks) -> Ui:
        """Registers the events of all features, in the order in which handlers of one component run.

        Returns the components that the features share.
        """
        ui = self._shared()
        self.knobs.listen()
        undone, repictured = self.choices.listen(ui, demo)
        photos = self.photos.listen(ui)
        shown = [*self.boxes.listen(ui), *photos, self.crop.listen(ui), repictured]
        self.tryout.listen(ui, shown)
        self.blend.listen(ui)
        self.advice.listen(ui)
        self.faces_note.listen(ui)
        self.chips.listen(ui, self.extras.listen(ui))
        ends = self.easel.listen(ui)
        self.looks.listen(ui)
        self.examples.listen(ui)
        found, *others = self.restore.listen(ui, demo)
        self.choices.listen_to(self.restore.looked)
        self.photos.listen_to(found)
        ends += [*self.paint.listen(ui), found, *others]
        self.chips.listen_to([*ends, *self.earlier.listen(ui), undone])
        self.finished.listen(ui, ends)
        self.save_all.listen(ui, ends)
        self.larger.listen(ui, self.share.sure, self.share.link)
        self.share.listen(ui)
        resized = [*ends, self.size_choice.listen(ui)]
        self.leaving.listen(ui)
        self.forecast_line.listen(ui, resized, self.chips.line)
        self.times.listen(ui, ends)
        self.api.listen(ui)
        return ui

    def _shared(self) -> Ui:
        notes = dict.fromkeys([*self.extras.boxes, STROKES], self.extras.note)
        strokes = photo_input(visible="hidden", elem_id="strokes", label=self.texts.MASKS)
        return Ui(
            job_id=carried("job"),
            status=self.easel.status,
            picture=self.easel.picture,
            boxes=self.boxes.boxes | self.extras.boxes | {STROKES: strokes},
            notes=self.boxes.notes | notes,
            style_row=self.boxes.style_row,
            editor=self.extras.editor,
            under_masks=carried("under-masks"),
            painted=carried("painted-masks"),
            several=self.photos.row,
            knobs=self.knobs,
        )
