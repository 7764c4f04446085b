"""The theme of the page and the options with which Gradio launches it."""

import base64
import hashlib
import inspect
from typing import Any

import gradio as gr

from .assets import STATIC, script
from .face import OURS, Face
from .i18n.translate import languages
from .remembered import HEAD_JS, LINK_JS
from .upload import LARGEST

# In the order in which the browser applies them.
_STYLE_SHEETS = (
    "layers",
    "colours",
    "colours_dark",
    "page",
    "stage",
    "viewer",
    "masks",
    "contact_sheet",
    "crop",
    "easel",
    "next_step",
    "desk",
    "photos",
    "wall",
    "knobs",
    "sizes",
    "style_loss",
    "boards",
    "share",
    "results",
    "leave",
    "examples",
    "languages",
    "narrow",
)


def launch_options(language: str = "en", face: Face = OURS) -> dict[str, Any]:
    """The arguments of `launch` and `mount_gradio_app` for a page in this language."""
    return {
        "theme": _theme(),
        "css": face.page_style(),
        "css_paths": [STATIC / f"{name}.css" for name in _STYLE_SHEETS],
        "head": f"<script>{_head_script(language)}</script>",
        "footer_links": ["api"],
        "max_file_size": LARGEST,
        "show_error": False,  # True would show the server's paths to visitors
        "enable_monitoring": False,
        "run_history": False,
        "ssr_mode": False,
    }


def head_hashes(language: str) -> list[str]:
    """The hashes, for a content security policy, of the scripts that Gradio adds to the page's head."""
    digest = hashlib.sha256(_head_script(language).encode()).digest()
    return [f"sha256-{base64.b64encode(digest).decode()}"]


def _head_script(language: str) -> str:
    texts = languages()[language]
    said = {"LINE_LOST": texts.LINE_LOST, "LINE_BACK": texts.LINE_BACK}
    return (
        "\n"
        + script("newest", "line", "uploaded_once", "access", "typed_files", "copied", **said)
        + HEAD_JS
        + LINK_JS
    )


def _theme() -> gr.Theme:
    # The variables are defined in colours.css. Fonts are plain names: Gradio's Font classes load files.
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
