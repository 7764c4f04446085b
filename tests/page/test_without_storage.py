"""The page in a browser that stores nothing, or rubbish, in a real browser."""

from styletransfer.page.i18n import english as texts
from tests.support.browser import again, finish, visit

# What Chromium does where site data is blocked.
BLOCKED = """
for (const area of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, area, { get() { throw new DOMException("denied", "SecurityError"); } });
"""


def test_the_page_works_for_the_length_of_the_visit(context):
    context.add_init_script(BLOCKED)
    page = visit(context)
    finish(page, steps=2)
    assert page.is_visible("#compare")
    again(page)
    page.wait_for_selector("#strip li >> nth=1")
    page.click("#delete")
    page.click("#delete-yes")
    page.locator(".placard.deleted", has_text=texts.DELETED_MANY.format(n=2)).wait_for()
    page.wait_for_selector("#download", state="hidden")
    page.wait_for_selector("#strip li", state="detached")


def test_rubbish_under_the_pages_keys_does_no_harm(context):
    context.add_init_script("""
      if (!sessionStorage.length) {
        localStorage.setItem("styletransfer-pictures", "null");
        sessionStorage.setItem("styletransfer-job", "<b>");
      }
    """)
    page = visit(context)
    page.wait_for_selector(".placard.example")
    finish(page, steps=1)
    page.reload()
    page.wait_for_selector(".placard.done")
