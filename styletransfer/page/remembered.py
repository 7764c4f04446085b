"""What the browser remembers: the ids of its pictures, newest first, and in each tab which one it shows.

Scripts for the page; what the ids stand for is with the server.
"""

import json

from ..look_link import NAMES

_ALL = "styletransfer-pictures"  # in localStorage, for all tabs
_OWN = "styletransfer-job"  # in sessionStorage, for this one
_IDS = f'JSON.parse(localStorage.getItem("{_ALL}") || "[]")'

# Runs with the placard as `element`. Once a picture is shown, the address is no longer a link's: a
# reload comes back to the picture.
REMEMBER_JS = f"""
watch("value", () => {{
  const job = element.querySelector("[data-job]")?.dataset.job;
  if (!job) return;
  sessionStorage.setItem("{_OWN}", job);
  const all = {_IDS};
  if (!all.includes(job)) localStorage.setItem("{_ALL}", JSON.stringify([job, ...all]));
  const address = new URL(location.href);
  {json.dumps(NAMES)}.forEach((name) => address.searchParams.delete(name));
  if (address.href !== location.href) history.replaceState(history.state, "", address);
}});
"""
# Runs with the strip as `element`: what it does not have any more, nobody has.
FORGET_JS = f"""
watch("value", () => {{
  if (props.value) localStorage.setItem("{_ALL}", JSON.stringify(props.value.map((each) => each.id)));
}});
"""
# A tab first asks for the job of its own: two tabs share all the others.
RECALL_JS = f'() => ({{ own: sessionStorage.getItem("{_OWN}"), newest: {_IDS}[0] }})'


def with_ids(*names: str) -> str:
    """A script that hands on these inputs, and after them the ids of all this browser's pictures."""
    return f"({', '.join([*names, '_'])}) => [{', '.join([*names, _IDS])}]"
