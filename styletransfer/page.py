"""The page over the engine: the layout as a person sees it from top to bottom, then what happens when.

A run belongs to its visitor: the page only watches `jobs`, may lose its connection at any moment, and
finds its job again by the id that the browser keeps.
"""

import asyncio
import inspect
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from . import placard, texts
from .catalogue import FOLDER, catalogue
from .errors import ImageError, StyleTransferError
from .images import load_image, resize, save_image
from .inputs import control, file_of, photo_input
from .jobs import Job, Jobs
from .presets import Preset, changed_by_any, preset, preset_of, presets
from .settings import Settings, knobs
from .stylize import Step, schedule

PREVIEW = 768  # long side in pixels of the picture while it forms

# Seconds. More often than that browsers and lines suffer; more seldom, a lost tab goes unnoticed.
_SOONEST, _LATEST, _GLANCE = 1 / 3, 1.0, 0.1

# What every browser shows as it should be; the rest is shown as a JPEG.
_SHOWN_AS_IS = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"}

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
    shelf = _Shelf(jobs)
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
                with gr.Accordion(texts.ADVANCED, open=False, elem_id="advanced"):
                    others = gr.Radio(
                        [each.name for each in presets().values() if not each.front],
                        label=texts.OTHER_PRESETS,
                        elem_id="other-presets",
                    )
                    controls |= {knob.name: control(knob) for knob in knobs() if not knob.front}
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
                        js_on_load=_REMEMBER_JS + _FADE_JS,
                        elem_id="status",
                    )
                    with gr.Column(elem_id="take", min_width=0, scale=0):
                        download = gr.DownloadButton(
                            texts.DOWNLOAD, visible=False, elem_id="download", size="md"
                        )
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
        newest = gr.BrowserState(storage_key=_KEY, secret=_KEY)
        fields = [controls[knob.name] for knob in knobs()]

        async def painted(*values: Any) -> AsyncIterator[dict]:
            photo_file, style_file = map(file_of, values[:2])
            yield {status: placard.preparing()}
            images, wrong = [], []
            for file, name in ((photo_file, "content image"), (style_file, "style image")):
                note = ""
                try:
                    images.append(await asyncio.to_thread(load_image, file, name))
                except ImageError as error:
                    note = str(error)
                wrong.append(note)
            noted = {photo_note: placard.note(wrong[0]), style_note: placard.note(wrong[1])}
            if len(images) < 2:
                yield noted | {status: placard.failed(next(filter(None, wrong)))}
                return
            try:
                job = await asyncio.to_thread(shelf.start, *images, values[2:])
            except StyleTransferError as error:
                yield noted | {status: placard.failed(str(error))}
                return
            shelf.inputs[job.id] = (photo_file, style_file)
            yield noted
            async with aclosing(watched(job)) as views:
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
                keep: gr.Checkbox(visible=False),
            }
            shown = job.view
            async with aclosing(_news(job)) as news:
                async for _ in news:
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
                view[keep] = gr.Checkbox(value=job.step.keep > 0, visible=True)
            yield view

        async def found_again(ids: Any) -> AsyncIterator[dict]:
            job = shelf.find_again(ids if isinstance(ids, dict) else {})
            if job is None:
                yield {mine: None}
                return
            view = filled_in(job.settings)
            for component, file in zip((photo, style), shelf.inputs.get(job.id, ()), strict=False):
                if Path(file).exists():
                    view[component] = file
                    if component is style:
                        view[style_row] = _index(file)
            yield view
            async with aclosing(watched(job)) as views:
                async for each in views:
                    yield each

        def stopped(id: str | None) -> Any:
            job = jobs.find(id)
            if job is not None:
                job.stop()
            return gr.Button(texts.STOPPING, interactive=False)

        async def recoloured(id: str | None, kept: bool) -> dict:
            job = jobs.find(id)
            file = await asyncio.to_thread(shelf.result, job, kept is True) if job else None
            return {picture: file, download: file} if file else {picture: gr.skip()}

        def photo_checked(sent: Any) -> dict:
            value, note = shelf.checked(file_of(sent), "content image")
            return {photo: value, photo_note: note}

        def style_checked(sent: Any) -> dict:
            value, note = shelf.checked(file_of(sent), "style image")
            return {style: value, style_note: note, style_row: -1}

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

        def example_opened(id: str | None, event: gr.EventData) -> dict:
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
                keep: gr.Checkbox(visible=False),
                **filled_in(settings),
            }

        inputs = [photo, style, *fields]
        run = [status, picture, paint, stop, download, keep, mine, newest]
        # The line is kept by `jobs`, so Gradio must not make anybody wait on its own.
        common = {"preprocess": False, "show_progress": "hidden", "concurrency_limit": None}
        quiet = common | {"api_visibility": "private"}
        paint.click(None, js=_UP_JS, queue=False)
        paint.click(painted, inputs, [*run, photo_note, style_note], **quiet)
        stop.click(stopped, mine, stop, queue=False, **quiet)
        keep.input(recoloured, [mine, keep], [picture, download], trigger_mode="always_last", **quiet)
        photo.input(photo_checked, photo, [photo, photo_note], **quiet)
        style.input(style_checked, style, [style, style_note, style_row], **quiet)
        shown = [preset_names, others, preset_help]
        filled = [*inputs, style_row, *shown]
        reset = [*shown, *(controls[name] for name in changed_by_any())]
        preset_names.input(preset_chosen, preset_names, reset, **quiet)
        others.input(preset_chosen, others, reset, **quiet)
        style_row.select(style_chosen, None, [style, style_note, style_row], **quiet)
        cards.select(None, js=_UP_JS, queue=False)
        cards.select(example_opened, mine, [*run, *filled, photo_note, style_note], **quiet)
        demo.load(found_again, newest, [*run, *filled], js=_RECALL_JS, **quiet)
        api_button.click(
            _endpoint(shelf),
            inputs,
            [picture, api_progress, api_file],
            api_name="stylize",
            **common,
        )
    return demo


def launch_options() -> dict[str, Any]:
    """How the page is to be launched, wherever it is."""
    return {
        "theme": _theme(),
        "css_paths": Path(__file__).with_suffix(".css"),
        "footer_links": ["api"],
        "max_file_size": "50mb",
        "show_error": False,  # True would tell visitors the server's paths
        "enable_monitoring": False,
        "run_history": False,
        "ssr_mode": False,
    }


def _theme() -> gr.Theme:
    # The colours stand in page.css. Plain names of fonts: Gradio's Font classes would load files.
    theme = gr.themes.Base(
        font=["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"],
        font_mono=["ui-monospace", "Consolas", "monospace"],
    )
    colours = {
        "body_background_fill": "var(--wall)",
        "background_fill_primary": "var(--paper)",
        "background_fill_secondary": "var(--wall)",
        "block_background_fill": "var(--paper)",
        "block_border_color": "var(--line)",
        "border_color_primary": "var(--line)",
        "block_info_text_color": "var(--ink-soft)",
        "block_label_background_fill": "var(--paper)",
        "block_label_border_color": "var(--line)",
        "block_label_text_color": "var(--ink)",
        "block_title_text_color": "var(--ink)",
        "body_text_color": "var(--ink)",
        "body_text_color_subdued": "var(--ink-soft)",
        "button_primary_background_fill": "var(--accent)",
        "button_primary_background_fill_hover": "var(--accent)",
        "button_primary_text_color": "var(--on-accent)",
        "button_primary_text_color_hover": "var(--on-accent)",
        "button_primary_border_color": "var(--accent)",
        "color_accent": "var(--accent)",
        "input_background_fill": "var(--paper)",
        "input_border_color": "var(--line)",
        "slider_color": "var(--accent)",
        "checkbox_background_color_selected": "var(--accent)",
        "checkbox_border_color_selected": "var(--accent)",
        "checkbox_label_background_fill": "var(--paper)",
        "checkbox_label_background_fill_hover": "var(--wall)",
        "checkbox_label_background_fill_selected": "var(--paper)",
        "checkbox_label_text_color_selected": "var(--ink)",
    }
    known = inspect.signature(theme.set).parameters
    dark = {f"{name}_dark": value for name, value in colours.items() if f"{name}_dark" in known}
    return theme.set(**colours, **dark)


def _endpoint(shelf: "_Shelf") -> Callable:
    """The public endpoint, with every knob as an optional parameter."""

    async def stylize(content: Any, style: Any, *values: Any) -> AsyncIterator[tuple]:
        try:
            images = [
                await asyncio.to_thread(load_image, file, name)
                for file, name in (
                    (file_of(content), "content image"),
                    (file_of(style), "style image"),
                )
            ]
            job = await asyncio.to_thread(shelf.start, *images, values)
        except StyleTransferError as error:
            raise gr.Error(str(error), print_exception=False) from None
        try:
            async with aclosing(_news(job)) as news:
                shown, preview = None, None
                async for _ in news:
                    if job.view is not shown:
                        shown = job.view
                        preview = await asyncio.to_thread(shelf.preview, job)
                    yield preview, str(job.step or ""), None
        finally:
            job.stop()  # nobody can come back to it
        file = await asyncio.to_thread(shelf.result, job)
        if file is None:
            raise gr.Error(str(job.error or texts.STOPPED_EARLY), print_exception=False)
        yield str(file), str(job.step), str(file)

    positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
    stylize.__signature__ = inspect.Signature(
        [inspect.Parameter(name, positional) for name in ("content", "style")]
        + [inspect.Parameter(knob.name, positional, default=knob.default) for knob in knobs()]
    )
    stylize.__doc__ = texts.API.format(preview=PREVIEW) + "\n".join(
        f"- {knob.name}: {knob.help} ({knob.range}; default {knob.default})" for knob in knobs()
    )
    return stylize


async def _news(job: Job) -> AsyncIterator[None]:
    """Says when there is something new, at most 3 times and at least once a second, until the end."""
    told, seen = 0.0, None
    with job.watched():
        while not job.finished:
            now = time.monotonic()
            new = (job.step, job.ahead, job.view)
            if now - told >= (_LATEST if new == seen else _SOONEST):
                told, seen = now, new
                yield
            await asyncio.sleep(_GLANCE)


class _Shelf:
    """What the page keeps of each job beside the job itself: its input files and the finished PNG."""

    def __init__(self, jobs: Jobs) -> None:
        self.jobs = jobs
        jobs.forgotten = self._delete
        self.inputs: dict[str, tuple[str, str]] = {}  # by job id: photo and style, as uploaded
        self._temporary = tempfile.TemporaryDirectory(prefix="styletransfer-")
        self._folder = Path(self._temporary.name)

    def start(self, content: Image.Image, style: Image.Image, values: tuple) -> Job:
        """A job with these pictures and the values of all knobs, in their order."""
        settings = Settings(**{knob.name: value for knob, value in zip(knobs(), values, strict=True)})
        schedule(content, [style], settings)  # says now what the job would say after its wait
        return self.jobs.start(content, [style], settings)

    def preview(self, job: Job) -> Image.Image:
        """The picture so far in the size of the finished one, as far as a screen needs it."""
        view = job.view or job.content
        image = view.image if isinstance(view, Step) else view
        return resize(image, min(job.settings.size, PREVIEW))

    def result(self, job: Job, keep: bool | None = None) -> Path | None:
        """The finished picture as a PNG, if there is one.

        With the photo's colours kept or not; as the settings say unless told.
        """
        step = job.step
        if step is None:
            return None
        strength = step.keep if keep is None else (step.keep or 1.0) if keep else 0.0
        name = "painting-in-photo-colours.png" if strength else "painting.png"
        file = self._folder / job.id / name
        if not file.exists():
            file.parent.mkdir(exist_ok=True)
            save_image(step.coloured(strength), file)
        return file

    def find_again(self, ids: dict) -> Job | None:
        """The tab's own job, else the newest one of this browser unless another tab watches it."""
        own, newest = (self.jobs.find(str(ids.get(key))) for key in ("own", "newest"))
        return own or (newest if newest and newest.unwatched() else None)

    def checked(self, file: Any, name: str) -> tuple[Any, str]:
        """The file for its box and a note: nothing and what is wrong, or something to show and ''."""
        if file is None:
            return gr.skip(), placard.note()
        try:
            image = load_image(file, name)
        except ImageError as error:
            return None, placard.note(str(error))
        if Path(file).suffix.lower() in _SHOWN_AS_IS:
            return gr.skip(), placard.note()
        # Gradio takes a copy at once; what is left here goes when a later one comes.
        upright = self._folder / "upright"
        upright.mkdir(exist_ok=True)
        for old in upright.iterdir():
            if time.time() - old.stat().st_mtime > 600:
                shutil.rmtree(old, ignore_errors=True)
        shown = Path(tempfile.mkdtemp(dir=upright)) / f"{Path(file).stem}.jpg"
        save_image(image, shown)
        return shown, placard.note()

    def _delete(self, id: str) -> None:
        self.inputs.pop(id, None)
        shutil.rmtree(self._folder / id, ignore_errors=True)


def _index(style: Any) -> int:
    """Which of the catalogue's paintings this file is; -1 for none of them."""
    files = [each.file for each in catalogue().styles]
    return files.index(Path(style)) if Path(style) in files else -1
