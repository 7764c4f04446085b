"""After a reload the run is shown again, and a file fills in its settings, in a real browser."""

import pytest

from styletransfer.page.i18n import english as texts
from tests.support.browser import choices_kept, choose, download, finish, paint, saved, shows, visit

# The numbers of the event that looks for the job of the tab, and of the one that shows it.
LOOKING = """() => {
  const all = window.gradio_config.dependencies;
  const found = all.find(({ js, targets }) => targets[0]?.[1] === "load" && `${js}`.includes("asked"));
  return [found.id, all.find(({ trigger_after: after }) => after === found.id).id];
}"""


def test_a_reload_comes_back_to_the_run_and_another_tab_does_not(context, tmp_path):
    page = visit(context)
    paint(page, size=160, steps=3000, scales=1, style=2)
    before = page.get_attribute(".placard", "data-job")
    other = visit(context)
    page.reload()
    page.wait_for_selector(f".placard.painting[data-job='{before}']")
    assert page.is_visible("#stop")
    page.wait_for_selector("#photo .image-frame img")
    page.wait_for_selector("#style .image-frame img")
    page.wait_for_selector("#style-row [data-index][aria-pressed=true]")
    assert page.get_attribute("#style-row [data-index][aria-pressed=true]", "data-index") == "2"
    shows(page, size=160)
    assert other.locator(".placard.painting").count() == 0
    assert other.is_visible("#choose")
    page.click("#stop")
    page.wait_for_selector(".placard.done")
    page.reload()  # comes back to the finished picture as well
    page.wait_for_selector(f".placard.done[data-job='{before}']")
    page.wait_for_selector("#download")
    assert max(download(page, tmp_path).size) == 160


def test_a_finished_png_gives_its_settings_back(visitor, context, tmp_path):
    page = visit(context)
    finish(page, steps=7, seed=42)
    file = saved(page, "#download", tmp_path)
    page = visit(visitor())
    page.set_input_files("#photo input[type=file]", file)
    page.locator(".note.told", has_text=texts.RECIPE).wait_for()
    shows(page, size=128, steps=7, seed=42)


def test_a_job_that_is_no_longer_known_gives_a_fresh_page(context):
    context.add_init_script("sessionStorage.setItem('styletransfer-job', 'gone')")
    page = visit(context)
    page.wait_for_selector(".placard.example")
    finish(page, steps=1)  # the fresh page works


def test_the_browser_keeps_pictures_under_the_names_that_it_has_always_used(context, visitor):
    page = visit(context)
    finish(page, steps=1)
    job = page.get_attribute(".placard", "data-job")
    page.wait_for_function(
        "'styletransfer-tab' in sessionStorage"
    )  # names what IndexedDB has of this tab
    assert set(page.evaluate("Object.keys(sessionStorage)")) == {
        "styletransfer-job",
        "styletransfer-tab",
    }
    assert page.evaluate("sessionStorage.getItem('styletransfer-job')") == job
    assert page.evaluate("[...Object.keys(localStorage)]") == ["styletransfer-pictures"]
    assert page.evaluate("localStorage.getItem('styletransfer-pictures')") == f'["{job}"]'
    other = visitor()  # a browser that has stored the id earlier
    other.add_init_script(f"localStorage.setItem('styletransfer-pictures', '[\"{job}\"]')")
    visit(other).wait_for_selector(f"#strip [data-picture='{job}']")


@pytest.mark.parametrize("step", [0, 1])
def test_what_is_chosen_is_kept_also_where_looking_for_the_tabs_job_has_failed(context, step):
    page = visit(context)
    failing = page.evaluate(LOOKING)[step]

    def answered(route):
        if route.request.post_data_json["fn_index"] == failing:
            route.fulfill(status=500, json={"detail": "looking has failed"})
        else:
            route.continue_()

    page.route("**/gradio_api/queue/join*", answered)
    page.reload()
    page.get_by_text("looking has failed").first.wait_for()
    choose(page, steps=7)
    choices_kept(page, 7)
