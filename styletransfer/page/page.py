"""The page over the engine: the layout as a person sees it from top to bottom, then what happens when.

A run belongs to its visitor: the page only watches `jobs`, may lose its connection at any moment, and
finds its job again by the id that the browser keeps.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components import Component

from ..catalogue import FOLDER, catalogue
from ..engine.stylize import Step
from ..errors import ImageError, SettingsError, StyleTransferError
from ..look_link import Look, look_in
from ..pictures import EXTRAS, MASKS, NAMES, REQUIRED, START, STYLES
from ..presets import Preset, changed_by_any, preset, preset_of, presets
from ..recipe import settings_in
from ..service.contact_sheet import Cell, Sheet
from ..service.inputs import read, together
from ..service.queue import Job
from ..service.shares import Links
from ..service.store import Shelf, settings_of
from ..service.watching import news
from ..settings import Settings, knobs
from . import forecast_line as outlook
from . import gallery
from . import status as placard
from .advice import Advice
from .api import endpoint
from .assets import script
from .blend import Mixing
from .components import control, file_of, mask_editor, mask_hint, masks_of, photo_input, visitor_of
from .contact_sheet import Looks
from .crop import Cropping
from .finished import Finished
from .i18n.translate import ENGLISH, Words
from .remembered import RECALL_JS, REMEMBER_JS
from .share import ShareBar

_STYLE_ROW_JS = """
const mark = () => {
  const line = element.querySelector(".chosen");
  line.textContent = line.dataset.empty;
  for (const button of element.querySelectorAll("button")) {
    const chosen = Number(button.dataset.index) === props.value;
    button.setAttribute("aria-pressed", chosen);
    if (chosen) line.textContent = button.title;
  }
};
watch("value", mark);
mark();
// What a mouse or the keyboard is at tells its name before it is chosen.
for (const over of ["pointerover", "focusin"]) element.addEventListener(over, (event) => {
  const button = event.target.closest("button");
  if (!button || event.pointerType === "touch") return;
  element.querySelector(".chosen").textContent = button.title;
});
for (const out of ["pointerout", "focusout"]) element.addEventListener(out, mark);
"""
# On a phone, and from below the fold, the picture is brought into view.
_UP_JS = "() => { window.scrollTo({ top: 0 }); }"
# A button that is only hidden stays in the page: one that is taken out and comes back is loaded anew,
# and an update that falls into that time may be lost.
_AWAY = "hidden"
# Paint and Stop take each other's place: whoever pressed one by keyboard goes on from the other.
_FOCUS_JS = """
let last = "";
document.addEventListener("focusin", (event) => { last = event.target.closest("#paint, #stop")?.id; });
const follow = (times) => {
  if (!last || !times) return;
  const next = document.querySelector(last === "paint" ? "#stop" : "#paint");
  // One goes before the other is there, or after: a busy browser takes a while.
  if (document.activeElement === document.body && next?.checkVisibility()) {
    next.focus({ preventScroll: true });
  } else setTimeout(() => follow(times - 1), 100);
};
watch("value", () => follow(30));
"""
# The picture before stays behind the new one until that has been loaded and has faded in.
_FADE_JS = """
document.addEventListener("load", (event) => {
  const image = event.target;
  if (image.tagName !== "IMG" || !image.closest("#picture")) return;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const fade = image.animate([{ opacity: 0 }, { opacity: 1 }], still ? 0 : 250);
  fade.onfinish = () => { image.parentElement.style.backgroundImage = `url("${image.src}")`; };
}, true);
"""


def build(shelf: Shelf, shared: Links, texts: Words = ENGLISH) -> gr.Blocks:
    """The page whose pictures are painted by this shelf's jobs, in one language.

    Args:
        shared: which of the pictures have a link.
    """
    jobs = shelf.jobs
    finished = Finished(shelf, texts)
    share_bar = ShareBar(shelf, shared, texts)
    looks = Looks(shelf, texts)
    advice = Advice(jobs, texts)
    mixing = Mixing(texts)
    cropping = Cropping(shelf.parts, texts)
    art = texts.catalogue(catalogue())
    examples = [each for each in art.examples if each.result.exists()]
    # Public art: served from where it is.
    gr.set_static_paths([FOLDER / name for name in ("photos", "styles", "results")])

    with gr.Blocks(
        title=texts.TITLE, fill_width=True, analytics_enabled=False, delete_cache=(3600, 86400)
    ) as demo:
        gr.HTML(f"<h1>{escape(texts.TITLE)}</h1><p>{escape(texts.LEAD)}</p>", elem_id="title")
        with gr.Row(elem_id="studio", equal_height=False):
            with gr.Column(elem_id="desk", min_width=320):
                with gr.Row(elem_id="inputs"):
                    with gr.Column(min_width=120):
                        photo = photo_input(
                            label=texts.PHOTO,
                            placeholder=texts.PHOTO_EMPTY,
                            alt_text=texts.PHOTO_ALT,
                            elem_id="photo",
                        )
                        photo_note = gr.HTML(placard.note(), elem_classes="noted")
                    with gr.Column(min_width=120):
                        style = photo_input(
                            label=texts.STYLE,
                            placeholder=texts.STYLE_EMPTY,
                            alt_text=texts.STYLE_ALT,
                            elem_id="style",
                        )
                        style_note = gr.HTML(placard.note(), elem_classes="noted")
                        cropping.ask_here()
                cropping.board_here()
                boxes = {"content": photo, "style": style}
                style_row = gr.HTML(
                    -1,
                    html_template=gallery.style_row(art, texts, texts.STYLES),
                    js_on_load=_STYLE_ROW_JS + script("choose"),
                    elem_id="style-row",
                    elem_classes="style-row",
                )
                preset_names = gr.Radio(
                    _presets(texts, front=True),
                    value="Standard",
                    label=texts.PRESETS,
                    elem_id="presets",
                )
                preset_help = gr.HTML(texts.preset(presets()["Standard"]).help, elem_id="preset-help")
                advice.here()
                with gr.Column(elem_id="front"):
                    controls = {knob.name: control(knob, texts) for knob in knobs() if knob.front}
                with gr.Column(elem_id="go"):
                    paint = gr.Button(texts.PAINT, variant="primary", elem_id="paint")
                    stop = gr.Button(texts.STOP, variant="primary", elem_id="stop", visible=_AWAY)
                    ahead = outlook.line(texts)
                looks.ask_here()
                with gr.Accordion(texts.ADVANCED, open=False, elem_id="advanced"):
                    controls |= {knob.name: control(knob, texts) for knob in knobs() if not knob.front}
                    others = gr.Radio(
                        _presets(texts, front=False),
                        label=texts.OTHER_PRESETS,
                        elem_id="other-presets",
                    )
                with gr.Accordion(texts.MORE, open=False, elem_id="more") as more:
                    mixing.row_here()
                    extras, editor = _more(texts)
                    boxes |= extras
                    extra_note = gr.HTML(placard.note(), elem_classes="noted")
            with gr.Column(elem_id="easel", min_width=320):
                looks.grid_here()
                picture = gr.Image(
                    examples[0].result if examples else None,
                    label=texts.PICTURE,
                    show_label=False,
                    alt_text=texts.PICTURE_ALT,
                    format="jpeg",
                    interactive=False,
                    buttons=["fullscreen"],
                    elem_id="picture",
                )
                finished.viewer_box()
                with gr.Row(elem_id="below", equal_height=False):
                    status = gr.HTML(
                        placard.example(art, examples[0], texts.EXAMPLE_HINT, texts) if examples else "",
                        js_on_load=REMEMBER_JS + _FOCUS_JS + _FADE_JS + script("tab_title"),
                        elem_id="status",
                    )
                    with gr.Column(elem_id="take", min_width=0, scale=0):
                        finished.download_button()
                        keep = gr.Checkbox(
                            label=texts.KEEP_COLOURS, visible=False, container=False, elem_id="keep"
                        )
                with gr.Row(elem_id="also"):
                    looks.turn_here()
                    finished.buttons()
                    go_on = gr.Button(
                        texts.GO_ON, visible=False, elem_id="go-on", elem_classes="quiet", size="md"
                    )
                    share_bar.buttons()
                share_bar.answers()
                with gr.Row(elem_id="pictures"):
                    finished.strip_row()
                    gr.HTML(f"<p>{escape(texts.KEPT)}</p>", elem_id="kept")
        with gr.Column(elem_id="examples", visible=bool(examples)):
            gr.HTML(f"<h2>{escape(texts.EXAMPLES)}</h2><p>{escape(texts.EXAMPLES_HINT)}</p>")
            cards = gr.HTML(html_template=gallery.example_cards(art, texts), js_on_load=script("choose"))
        with gr.Accordion(texts.HOW, open=False, elem_id="how"):
            gr.Markdown(texts.HOW_TEXT)
            credits = "; ".join(f"{each.title}: {each.credit}" for each in art.photos)
            gr.Markdown(f"{texts.PRIVACY}\n\n{texts.PHOTO_CREDITS.format(credits=credits)}")

        # What only the API gives: never shown.
        with gr.Column(visible=False):
            api_progress = gr.Textbox(label=texts.API_PROGRESS)
            api_file = gr.File(label=texts.PICTURE)
            api_button = gr.Button()

        mine = gr.State()  # the id of this tab's job
        under_masks = gr.State()  # the photo that lies under the masks
        fields = [controls[knob.name] for knob in knobs()]
        notes = dict.fromkeys(boxes, extra_note) | {"content": photo_note, "style": style_note}

        def starter(
            start: Callable[..., Job], complete: Callable[[dict, list], dict] = lambda files, _: files
        ) -> Callable[..., AsyncIterator[dict]]:
            """What reads all inputs, starts a job by them and watches it.

            Args:
                start: given files, pictures, values and visitor.
                complete: the files, with what may be missing; given them and the values.
            """

            async def started(request: gr.Request, id: str | None, *values: Any) -> AsyncIterator[dict]:
                files = {name: file_of(sent) for name, sent in zip(boxes, values, strict=False)}
                strokes, *values = values[len(boxes) :]
                files = complete(files, values)
                yield {status: placard.preparing(texts)}
                noted = {note: placard.note() for note in notes.values()}
                try:
                    visitor = visitor_of(request)
                    jobs.check_room(visitor)
                    images, wrong = await asyncio.to_thread(read, files)
                    for note in notes.values():
                        sentences = [
                            texts.error(error) for name, error in wrong.items() if notes[name] is note
                        ]
                        noted[note] = placard.note(" ".join(sentences))
                    if wrong:
                        raise next(iter(wrong.values()))
                    masks = await asyncio.to_thread(masks_of, strokes)
                    pictures = together(images, masks)
                    job = await asyncio.to_thread(start, files, pictures, values, visitor)
                except StyleTransferError as error:
                    yield noted | {status: placard.failed(error, texts)}
                    return
                shelf.lay_beside(job, id)
                await asyncio.to_thread(shelf.remember, job, files, masks)
                if not isinstance(job, Sheet):
                    shelf.record(job)
                async with aclosing(watched(job)) as views:
                    async for view in views:
                        yield noted | view
                        noted = {}

            return started

        async def gone_on(request: gr.Request, id: str | None, *values: Any) -> AsyncIterator[dict]:
            job = jobs.find(id)
            try:
                if job is None:
                    raise StyleTransferError("picture_gone")
                more = await asyncio.to_thread(shelf.go_on, job, values, visitor_of(request))
            except StyleTransferError as error:
                yield {status: placard.failed(error, texts)}
                return
            shelf.lay_beside(more, id)
            shelf.record(more)
            async with aclosing(watched(more)) as views:
                async for view in views:
                    yield view

        async def watched(job: Job) -> AsyncIterator[dict]:
            """What changes on the page while the job goes on, to its end."""
            if isinstance(job, Sheet):
                async with aclosing(sheet_watched(job)) as views:
                    async for view in views:
                        yield view
                return
            # What is finished is shown at once, and the end relies on nothing said before: of two
            # updates that follow each other closely Gradio's page may lose the first.
            view = cleared() | {mine: job.id}
            if not job.finished:
                yield view | {
                    status: placard.progress(job, texts),
                    picture: await asyncio.to_thread(shelf.so_far, job),
                    **painting_now(True),
                }
                view = {}
            shown = job.view
            async with aclosing(news(job)) as told:
                async for _ in told:
                    if shelf.gone(job):
                        break
                    new = {status: placard.progress(job, texts)}
                    if job.view is not shown and not job.finished:
                        shown = job.view
                        new[picture] = await asyncio.to_thread(shelf.so_far, job)
                    yield new
            file = await asyncio.to_thread(shelf.result, job)
            last = file or await asyncio.to_thread(shelf.so_far, job)
            if shelf.gone(job):
                yield emptied()
                return
            view |= looks.put_away(job) | {
                status: placard.progress(job, texts),
                picture: last,
                **painting_now(False),
                mine: job.id,
                go_on: gr.Button(visible=file is not None),
                keep: gr.Checkbox(
                    value=shelf.keeps(job), visible=file is not None and isinstance(job.view, Step)
                ),
            }
            yield view

        async def sheet_watched(sheet: Sheet) -> AsyncIterator[dict]:
            """What changes on the page while nine looks are painted."""
            first = cleared() | {mine: sheet.id}
            async with aclosing(looks.watched(sheet)) as views:
                async for view in views:
                    over = sheet.finished
                    # In between Stop may say that it is stopping.
                    buttons = painting_now(not over) if first or over else {}
                    yield first | buttons | {status: view.pop("status")} | view
                    first = {}
            if shelf.gone(sheet):
                yield emptied()

        def turned(id: str | None) -> Any:
            """The id of what is to be looked at in place of this job."""
            job = jobs.find(id)
            other = job and shelf.beside(job)
            return other.id if other else id

        def look_chosen(id: str | None, event: gr.EventData) -> dict:
            sheet = jobs.find(id)
            if not isinstance(sheet, Sheet):
                return {status: placard.failed(StyleTransferError("picture_gone"), texts)}
            sheet.chosen = sheet.cells[event.index]
            view = looks.seen(sheet)
            return {status: view.pop("status")} | view | taken_over(sheet.chosen)

        def taken_over(cell: Cell) -> dict:
            """The controls and the box of the painting as they are for this look."""
            view = {controls[name]: value for name, value in cell.changes.items()}
            if cell.file is not None and not cell.changes:
                view |= {style: cell.file, style_row: _index(cell.file), style_note: placard.note()}
            return view

        def painting_now(going_on: bool) -> dict:
            """Paint and Stop, of which one is in the other's place."""
            return {
                paint: gr.Button(visible=_AWAY if going_on else True),
                stop: gr.Button(texts.STOP, visible=True if going_on else _AWAY, interactive=True),
            }

        def cleared() -> dict:
            """Nothing below the picture that concerns a finished one."""
            return finished.cleared() | {
                **looks.put_away(None),
                go_on: gr.Button(visible=False),
                keep: gr.Checkbox(visible=False),
            }

        def emptied() -> dict:
            """The page after everything of the visitor's has been deleted, but for the boxes."""
            return cleared() | {
                **finished.emptied(),
                mine: None,
                picture: examples[0].result if examples else None,
                status: placard.deleted(texts),
                **painting_now(False),
            }

        def all_emptied() -> dict:
            """The same with the boxes, which a generator must leave alone."""
            return emptied() | {
                **dict.fromkeys(boxes.values()),
                **dict.fromkeys(notes.values(), placard.note()),
                style_row: -1,
                editor: None,
                under_masks: None,
            }

        def found_again(ids: Any, request: gr.Request) -> dict:
            """What a link asks for, or everything that a job was started with, as before a reload.

            The link goes before, but not before a picture that is still being painted.
            """
            job = shelf.find_again(ids if isinstance(ids, dict) else {})
            look = look_in(dict(request.query_params).items())
            if look and job and not job.finished:
                gr.Info(texts.LINK_BUSY)
            elif look and (look.followed or job is None):
                return filled_by(look)
            return restored(job) if job else {mine: None}

        def filled_by(look: Look) -> dict:
            """What a link asks for."""
            view = {mine: None, status: placard.from_link(look, texts)} | filled_in(look.settings)
            if look.style:
                view |= {style: look.style.file, style_row: _index(look.style.file)}
                like = [each.result for each in examples if each.style == look.style.file]
                view |= {picture: like[0]} if like else {}
            return view

        def restored(job: Job) -> dict:
            """Everything that a job was started with, where it had been."""
            asked = shelf.asked[job.id]
            # Nine looks differ in just what can be turned.
            settings = asked.settings if isinstance(job, Sheet) else asked.settings.turned(job.wanted)
            view = {mine: job.id} | filled_in(settings)
            for name, file in asked.files.items():
                if Path(file).exists():
                    view[boxes[name]] = file
                    if name == "style":
                        view[style_row] = _index(shelf.parts.whole(file).whole)
            if isinstance(job, Sheet) and job.chosen:
                view |= taken_over(job.chosen)
            return view

        async def followed(id: str | None) -> AsyncIterator[dict]:
            job = jobs.find(id)
            if job is None:
                yield {mine: None}
                return
            async with aclosing(watched(job)) as views:
                async for view in views:
                    yield view

        def stopped(id: str | None) -> Any:
            job = jobs.find(id)
            if job is not None:
                job.stop()
            return gr.Button(texts.STOPPING, interactive=False)

        async def recoloured(id: str | None, kept: bool, kind: Any) -> dict:
            job = jobs.find(id)
            if job is None:
                return {picture: gr.skip()}
            shelf.recolour(job, kept is True)
            file = await asyncio.to_thread(shelf.result, job)
            button = await asyncio.to_thread(finished.downloaded, job, kind)
            return {picture: file, finished.download: button}

        def recalled(under: Any, event: gr.EventData) -> dict:
            """An earlier picture of this browser, with all that it was started with."""
            job = jobs.find(str(event.picture))
            if job is None:  # forgotten meanwhile: the strip will do without
                return {status: gr.skip()}
            view = restored(job)
            empty = {boxes[name]: None for name in EXTRAS} | {style_row: -1}
            noted = {note: placard.note() for note in notes.values()}
            return empty | noted | (laid_under(view.get(photo)) if under else {}) | view

        def checked(sent: Any, name: str) -> tuple[Any, str]:
            """For a box and the note under it: the picture, or nothing and what is wrong with it."""
            file = file_of(sent)
            if file is None:
                return gr.skip(), placard.note()
            try:
                return shelf.presentable(file, name) or gr.skip(), placard.note()
            except ImageError as error:
                return None, placard.note(texts.error(error))

        def checker(name: str) -> Callable[[Any], dict]:
            def check(sent: Any, under: Any = None) -> dict:
                value, note = checked(sent, NAMES[name])
                view = {boxes[name]: value, notes[name]: note}
                if name == "style":
                    view[style_row] = -1
                file = file_of(sent)
                if name == "content" and under and file:
                    view |= laid_under(file)  # what was painted belongs to the photo before
                if name == "content" and (settings := settings_in(file)):
                    view |= filled_in(settings) | {photo_note: placard.note(texts.RECIPE, told=True)}
                return view

            return check

        def laid_under(file: Any) -> dict:
            """The photo in the editor for masks, with nothing painted over it yet."""
            return {
                editor: {"background": file, "layers": [], "composite": None},
                under_masks: file,
            }

        def unfolded(under: Any, *sent: Any) -> dict:
            """What somebody sees who looks at the masks and more for the first time.

            The photo is laid under the masks, unless it is there already.
            """
            file, *extras = map(file_of, sent)
            # What a reload has given back to a box that was not there yet is not shown.
            view = {boxes[name]: each for name, each in zip(EXTRAS, extras, strict=True) if each}
            return view | (laid_under(file) if file != under else {under_masks: file})

        def style_chosen(event: gr.EventData) -> dict:
            chosen = art.styles[event.index]
            return {style: chosen.file, style_note: placard.note(), style_row: event.index}

        def filled_in(settings: Settings) -> dict:
            chosen = preset_of(settings)
            return {controls[knob.name]: getattr(settings, knob.name) for knob in knobs()} | {
                **preset_shown(chosen),
            }

        def preset_shown(chosen: Preset | None) -> dict:
            return {
                preset_names: chosen.name if chosen and chosen.front else None,
                others: chosen.name if chosen and not chosen.front else None,
                preset_help: texts.preset(chosen).help if chosen else "",
            }

        def preset_chosen(sent: Any) -> dict:
            chosen = preset(str(sent))
            values = changed_by_any() | chosen.settings
            return {controls[name]: value for name, value in values.items()} | preset_shown(chosen)

        def example_opened(id: str | None, under: Any, event: gr.EventData) -> dict:
            job = jobs.find(id)
            if job is not None and not job.finished:
                gr.Info(texts.EXAMPLE_BUSY)
                return {style_note: gr.skip()}
            chosen = art.examples[event.index]
            settings = Settings(**chosen.settings)
            return {
                photo: chosen.photo,
                style: chosen.style,
                style_row: _index(chosen.style),
                photo_note: placard.note(),
                style_note: placard.note(),
                picture: chosen.result,
                status: placard.example(art, chosen, texts.EXAMPLE_OPENED, texts),
                mine: None,
                **cleared(),
                **{boxes[name]: None for name in EXTRAS},
                **(laid_under(str(chosen.photo)) if under else {}),
                **filled_in(settings),
            }

        def knob_turned(*values: Any) -> dict:
            """No preset stays marked whose settings these are not."""
            try:
                found = preset_of(settings_of(values))
            except SettingsError:
                found = None
            return preset_shown(found)

        run = [
            status,
            picture,
            paint,
            stop,
            go_on,
            keep,
            mine,
            looks.grid,
            looks.turn,
            *finished.outputs,
        ]
        # The line is kept by `jobs`, so Gradio must not make anybody wait on its own.
        common = {"preprocess": False, "show_progress": "hidden", "concurrency_limit": None}
        quiet = common | {"api_visibility": "private"}
        paint.click(None, js=_UP_JS, queue=False)
        noted = [photo_note, style_note, extra_note]
        given = [mine, *boxes.values(), editor, *fields]
        painted = starter(lambda files, *parts: shelf.start(*parts))
        painting = paint.click(painted, given, [*run, *noted], **quiet)
        looks.ask.click(None, js=_UP_JS, queue=False)
        nine = starter(looks.start, looks.files)
        looking = looks.ask.click(nine, [*given, looks.kind], [*run, *noted], **quiet)
        taken = [status, looks.grid, *fields, style, style_row, style_note]
        chosen = looks.grid.select(look_chosen, mine, taken, **quiet)
        turning = looks.turn.click(turned, mine, mine, **quiet).then(followed, mine, run, **quiet)
        going_on = go_on.click(gone_on, [mine, *fields], run, **quiet)
        stop.click(stopped, mine, stop, queue=False, **quiet)
        recolouring = keep.input(
            recoloured,
            [mine, keep, finished.format],
            [picture, finished.download],
            trigger_mode="always_last",
            **quiet,
        )
        shown = [preset_names, others, preset_help]
        for name, box in boxes.items():
            also = {"style": [style_row], "content": [editor, under_masks, *fields, *shown]}.get(
                name, []
            )
            from_page = [box, under_masks] if name == "content" else box
            box.input(checker(name), from_page, [box, notes[name], *also], **quiet)
        gr.on(
            [each.input for each in fields],
            knob_turned,
            fields,
            shown,
            trigger_mode="always_last",
            **quiet,
        )
        # No preset stays marked whose settings the chosen look does not have.
        chosen.then(knob_turned, fields, shown, **quiet)
        cropping.wire(style, style_note, quiet)
        mixing.wire(boxes, extra_note, quiet)
        advice.wire(photo, style, controls, fields, quiet)
        extra = [boxes[name] for name in EXTRAS]
        more.expand(unfolded, [under_masks, photo, *extra], [under_masks, editor, *extra], **quiet)
        filled = [*boxes.values(), editor, *fields, style_row, *shown]
        reset = [*shown, *(controls[name] for name in changed_by_any())]
        preset_names.input(preset_chosen, preset_names, reset, **quiet)
        others.input(preset_chosen, others, reset, **quiet)
        style_row.select(style_chosen, None, [style, style_note, style_row], **quiet)
        cards.select(None, js=_UP_JS, queue=False)
        opened = [*run, *filled, under_masks, *noted]
        cards.select(example_opened, [mine, under_masks], opened, **quiet)
        # In two events: a generator's later yields, which leave the inputs alone, would make Gradio's
        # page forget the files in them.
        # What there is to find the browser tells; the strip only carries it here.
        seen = [mine, status, picture, *filled]
        found = demo.load(found_again, finished.strip, seen, js=RECALL_JS, **quiet)
        following = found.then(followed, mine, run, **quiet)
        recall = [mine, *filled, under_masks, *noted, status]
        recalling = finished.strip.select(recalled, under_masks, recall, **quiet)
        showing = recalling.then(followed, mine, run, **quiet)
        ends = [painting, looking, turning, going_on, recolouring, following, showing]
        finished.wire(mine, ends, **quiet)
        share_bar.wire(mine, boxes, fields, all_emptied, opened, **quiet)
        changes = [controls["size"].change, preset_help.change, photo_note.change]
        outlook.wire(jobs, mine, ahead, boxes, controls, changes, ends, texts)
        outlook.steer(jobs, mine, controls, ahead, texts)
        api_button.click(
            endpoint(shelf),
            [photo, style, *fields, *extra],
            [picture, api_progress, api_file],
            api_name="stylize",
            **common,
        )
    return demo


def _more(texts: Words) -> tuple[dict[str, Component], Component]:
    """The boxes for pictures that few runs need, by name, and the editor for masks."""
    boxes = {}

    def row(hint: str, labels: dict[str, str]) -> None:
        gr.HTML(f"<p>{escape(hint)}</p>", elem_classes="hint")
        with gr.Row(elem_classes="small-boxes"):
            for name, label in labels.items():
                boxes[name] = photo_input(
                    label=label,
                    alt_text=label,
                    placeholder=texts.MORE_EMPTY,
                    elem_id=name,
                    sources=["upload"],
                    height=110,
                )

    numbered = dict(zip(STYLES, MASKS, strict=True))
    styles = {name: texts.STYLE_N.format(n=n) for n, name in enumerate(numbered, 1)}
    row(texts.MORE_HINT, {name: label for name, label in styles.items() if name not in REQUIRED})
    gr.HTML(mask_hint(styles.values(), texts), elem_classes="hint")
    editor = mask_editor(label=texts.MASKS, elem_id="masks")
    masks = {name: texts.MASK_N.format(n=n) for n, name in enumerate(numbered.values(), 1)}
    row(texts.MASKS_UPLOAD, masks)
    row(texts.START_HINT, {START: texts.START})
    return boxes, editor


def _presets(texts: Words, front: bool) -> list[tuple[str, str]]:
    """The presets' names, as people read them and as they are called."""
    return [(texts.preset_name(each), each.name) for each in presets().values() if each.front == front]


def _index(style: Any) -> int:
    """Which of the catalogue's paintings this file is; -1 for none of them."""
    files = [each.file for each in catalogue().styles]
    return files.index(Path(style)) if Path(style) in files else -1
