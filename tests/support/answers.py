"""What the page answers to an event, asked without a browser."""

import gradio as gr
from gradio.state_holder import SessionState

from benchmarks import page_client
from styletransfer.page.page import build
from styletransfer.service.shares import Shares


async def answer(store, name, kind, data=None, **values):
    """The last answer of the page to an event, by the elem_ids of the components that it changes."""
    page = build(store, Shares(store))
    call = page_client.Page(page.get_config_file()).call(name, kind, values)
    event, iterator = page.fns[call["fn_index"]], None
    request = gr.Request(client=None, headers={}, query_params={})
    while True:
        told = await page.process_api(
            event,
            call["data"],
            SessionState(page),
            request=request,
            event_data=gr.EventData(None, data or {}),
            iterator=iterator,
            session_hash="tab",
            event_id="event",
        )
        iterator = told["iterator"]
        if iterator is None:
            return dict(zip([each.elem_id for each in event.outputs], told["data"], strict=True))
