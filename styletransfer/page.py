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

from . import outlook, placard, texts
from .api import endpoint
from .catalogue import FOLDER, catalogue
from .errors import ImageError, SettingsError, StyleTransferError
from .handed import EXTRAS, MASKS, NAMES, REQUIRED, START, STYLES, read, together
from .inputs import control, file_of, mask_editor, masks_of, photo_input, visitor_of
from .jobs import Job, Jobs
from .presets import Preset, changed_by_any, preset, preset_of, presets
from .recipe import settings_in
from .settings import Settings, knobs
from .shelf import Shelf, settings_of
from .stylize import Step
from .watching import news

# The key under which the browser keeps the newest job of all tabs, and each tab its own.
_KEY = "styletransfer-job"

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
"""
_CHOOSE_JS = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) trigger("select", { index: Number(button.dataset.index) });
});
"""
# On a phone, and from below the fold, the picture is brought into view.
_UP_JS = "() => { window.scrollTo({ top: 0 }); }"
_REMEMBER_JS = f"""
watch("value", () => {{
  const job = element.querySelector("[data-job]");
  if (job) sessionStorage.setItem("{_KEY}", job.dataset.job);
}});
"""
# Paint and Stop take each other's place: whoever pressed one by keyboard goes on from the other.
_FOCUS_JS = """
let last = "";
document.addEventListener("focusin", (event) => { last = event.target.closest("#paint, #stop")?.id; });
watch("value", () => requestAnimationFrame(() => {
  if (!last || document.activeElement !== document.body) return;
  document.querySelector(last === "paint" ? "#stop" : "#paint")?.focus({ preventScroll: true });
}));
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
# A tab first asks for the job of its own: two tabs share all that a BrowserState keeps.
_RECALL_JS = f'(newest) => ({{ own: sessionStorage.getItem("{_KEY}"), newest: newest }})'


def build(jobs: Jobs) -> gr.Blocks:
    """The page whose pictures are painted by these jobs."""
    shelf = Shelf(jobs)
    art = catalogue()
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
                boxes = {"content": photo, "style": style}
                style_row = gr.HTML(
                    -1,
                    html_template=placard.style_row(art),
                    js_on_load=_STYLE_ROW_JS + _CHOOSE_JS,
                    elem_id="style-row",
                )
                preset_names = gr.Radio(
                    [each.name for each in presets().values() if each.front],
                    value="Standard",
                    label=texts.PRESETS,
                    elem_id="presets",
                )
                preset_help = gr.HTML(presets()["Standard"].help, elem_id="preset-help")
                with gr.Column(elem_id="front"):
                    controls = {knob.name: control(knob) for knob in knobs() if knob.front}
                with gr.Column(elem_id="go"):
                    paint = gr.Button(texts.PAINT, variant="primary", elem_id="paint")
                    stop = gr.Button(texts.STOP, variant="primary", elem_id="stop", visible=False)
                    ahead = outlook.line()
                with gr.Accordion(texts.ADVANCED, open=False, elem_id="advanced"):
                    controls |= {knob.name: control(knob) for knob in knobs() if not knob.front}
                    others = gr.Radio(
                        [each.name for each in presets().values() if not each.front],
                        label=texts.OTHER_PRESETS,
                        elem_id="other-presets",
                    )
                with gr.Accordion(texts.MORE, open=False, elem_id="more") as more:
                    extras, editor = _more()
                    boxes |= extras
                    extra_note = gr.HTML(placard.note(), elem_classes="noted")
            with gr.Column(elem_id="easel", min_width=320):
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
                with gr.Row(elem_id="below", equal_height=False):
                    status = gr.HTML(
                        placard.example(art, examples[0], texts.EXAMPLE_HINT) if examples else "",
                        js_on_load=_REMEMBER_JS + _FOCUS_JS + _FADE_JS,
                        elem_id="status",
                    )
                    with gr.Column(elem_id="take", min_width=0, scale=0):
                        download = gr.DownloadButton(
                            texts.DOWNLOAD, visible=False, elem_id="download", size="md"
                        )
                        go_on = gr.Button(texts.GO_ON, visible=False, elem_id="go-on", size="md")
                        keep = gr.Checkbox(
                            label=texts.KEEP_COLOURS, visible=False, container=False, elem_id="keep"
                        )
        with gr.Column(elem_id="examples", visible=bool(examples)):
            gr.HTML(f"<h2>{escape(texts.EXAMPLES)}</h2><p>{escape(texts.EXAMPLES_HINT)}</p>")
            cards = gr.HTML(html_template=placard.example_cards(art), js_on_load=_CHOOSE_JS)
        with gr.Accordion(texts.HOW, open=False, elem_id="how"):
            gr.Markdown(texts.HOW_TEXT)
            credits = "; ".join(f"{each.title}: {each.credit}" for each in art.photos)
            gr.Markdown(f"{texts.PRIVACY}\n\n{texts.PHOTO_CREDITS.format(credits=credits)}")

        # What only the API gives: never shown.
        with gr.Column(visible=False):
            api_progress = gr.Textbox(label=texts.API_PROGRESS)
            api_file = gr.File(label=texts.DOWNLOAD)
            api_button = gr.Button()

        mine = gr.State()  # the id of this tab's job
        under_masks = gr.State()  # the photo that lies under the masks
        newest = gr.BrowserState(storage_key=_KEY, secret=_KEY)
        fields = [controls[knob.name] for knob in knobs()]
        notes = dict.fromkeys(boxes, extra_note) | {"content": photo_note, "style": style_note}

        async def painted(request: gr.Request, *values: Any) -> AsyncIterator[dict]:
            files = {name: file_of(sent) for name, sent in zip(boxes, values, strict=False)}
            strokes, *values = values[len(boxes) :]
            yield {status: placard.preparing()}
            noted = {note: placard.note() for note in notes.values()}
            try:
                jobs.check_room(visitor_of(request))
                images, wrong = await asyncio.to_thread(read, files)
                for note in notes.values():
                    sentences = [wrong[name] for name in wrong if notes[name] is note]
                    noted[note] = placard.note(" ".join(sentences))
                if wrong:
                    raise ImageError(next(iter(wrong.values())))
                masks = await asyncio.to_thread(masks_of, strokes)
                pictures = together(images, masks)
                job = await asyncio.to_thread(shelf.start, pictures, values, visitor_of(request))
            except StyleTransferError as error:
                yield noted | {status: placard.failed(str(error))}
                return
            await asyncio.to_thread(shelf.remember, job, files, masks)
            yield noted
            async with aclosing(watched(job)) as views:
                async for view in views:
                    yield view

        async def gone_on(request: gr.Request, id: str | None, *values: Any) -> AsyncIterator[dict]:
            job = jobs.find(id)
            try:
                if job is None:
                    raise StyleTransferError(texts.GONE)
                more = await asyncio.to_thread(shelf.go_on, job, values, visitor_of(request))
            except StyleTransferError as error:
                yield {status: placard.failed(str(error))}
                return
            async with aclosing(watched(more)) as views:
                async for view in views:
                    yield view

        async def watched(job: Job) -> AsyncIterator[dict]:
            """What changes on the page while the job goes on, to its end."""
            yield {
                mine: job.id,
                newest: job.id,
                status: placard.progress(job),
                picture: await asyncio.to_thread(shelf.preview, job),
                paint: gr.Button(visible=job.finished),
                stop: gr.Button(texts.STOP, visible=not job.finished, interactive=True),
                download: gr.DownloadButton(visible=False),
                go_on: gr.Button(visible=False),
                keep: gr.Checkbox(visible=False),
            }
            shown = job.view
            async with aclosing(news(job)) as told:
                async for _ in told:
                    view = {status: placard.progress(job)}
                    if job.view is not shown and not job.finished:
                        shown = job.view
                        view[picture] = await asyncio.to_thread(shelf.preview, job)
                    yield view
            file = await asyncio.to_thread(shelf.result, job)
            view = {
                status: placard.progress(job),
                paint: gr.Button(visible=True),
                stop: gr.Button(visible=False),
            }
            if file is not None:
                view[picture] = file
                view[download] = gr.DownloadButton(value=file, visible=True)
                view[go_on] = gr.Button(visible=True)
                view[keep] = gr.Checkbox(value=shelf.keeps(job), visible=isinstance(job.view, Step))
            yield view

        def found_again(ids: Any) -> dict:
            """Everything that a job was started with, where it had been before a reload."""
            job = shelf.find_again(ids if isinstance(ids, dict) else {})
            if job is None:
                return {mine: None}
            asked = shelf.asked[job.id]
            view = {mine: job.id} | filled_in(asked.settings.turned(job.wanted))
            for name, file in asked.files.items():
                if Path(file).exists():
                    view[boxes[name]] = file
                    if name == "style":
                        view[style_row] = _index(file)
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

        async def recoloured(id: str | None, kept: bool) -> dict:
            job = jobs.find(id)
            if job is None:
                return {picture: gr.skip()}
            shelf.recolour(job, kept is True)
            file = await asyncio.to_thread(shelf.result, job)
            return {picture: file, download: file}

        def checked(sent: Any, name: str) -> tuple[Any, str]:
            """For a box and the note under it: the picture, or nothing and what is wrong with it."""
            file = file_of(sent)
            if file is None:
                return gr.skip(), placard.note()
            try:
                return shelf.presentable(file, name) or gr.skip(), placard.note()
            except ImageError as error:
                return None, placard.note(str(error))

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
                preset_help: chosen.help if chosen else "",
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
                status: placard.example(art, chosen, texts.EXAMPLE_OPENED),
                download: gr.DownloadButton(visible=False),
                go_on: gr.Button(visible=False),
                keep: gr.Checkbox(visible=False),
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

        run = [status, picture, paint, stop, download, go_on, keep, mine, newest]
        # The line is kept by `jobs`, so Gradio must not make anybody wait on its own.
        common = {"preprocess": False, "show_progress": "hidden", "concurrency_limit": None}
        quiet = common | {"api_visibility": "private"}
        paint.click(None, js=_UP_JS, queue=False)
        noted = [photo_note, style_note, extra_note]
        runs = [
            paint.click(painted, [*boxes.values(), editor, *fields], [*run, *noted], **quiet),
            go_on.click(gone_on, [mine, *fields], run, **quiet),
        ]
        stop.click(stopped, mine, stop, queue=False, **quiet)
        keep.input(recoloured, [mine, keep], [picture, download], trigger_mode="always_last", **quiet)
        shown = [preset_names, others, preset_help]
        for name, box in boxes.items():
            also = {"style": [style_row], "content": [editor, under_masks, *fields, *shown]}.get(
                name, []
            )
            given = [box, under_masks] if name == "content" else box
            box.input(checker(name), given, [box, notes[name], *also], **quiet)
        gr.on(
            [each.input for each in fields],
            knob_turned,
            fields,
            shown,
            trigger_mode="always_last",
            **quiet,
        )
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
        found = demo.load(found_again, newest, [mine, *filled], js=_RECALL_JS, **quiet)
        runs.append(found.then(followed, mine, run, **quiet))
        changes = [controls["size"].change, preset_help.change, photo_note.change]
        outlook.wire(jobs, mine, ahead, boxes, controls, changes, runs)
        outlook.steer(jobs, mine, controls, ahead)
        api_button.click(
            endpoint(shelf),
            [photo, style, *fields, *extra],
            [picture, api_progress, api_file],
            api_name="stylize",
            **common,
        )
    return demo


def _more() -> tuple[dict[str, Component], Component]:
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
    gr.HTML(placard.mask_hint(styles.values()), elem_classes="hint")
    editor = mask_editor(label=texts.MASKS, elem_id="masks")
    masks = {name: texts.MASK_N.format(n=n) for n, name in enumerate(numbered.values(), 1)}
    row(texts.MASKS_UPLOAD, masks)
    row(texts.START_HINT, {START: texts.START})
    return boxes, editor


def _index(style: Any) -> int:
    """Which of the catalogue's paintings this file is; -1 for none of them."""
    files = [each.file for each in catalogue().styles]
    return files.index(Path(style)) if Path(style) in files else -1
