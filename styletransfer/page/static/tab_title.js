// Shows the progress of the picture in the title of the tab, for visitors who look at another tab.
// The end is shown until the visitor has looked at this tab.
let plain = null;
const what = (card) => card.querySelector(".what strong").textContent;
const entitle = () => {
  const card = element.querySelector(".placard");
  const is = (state) => card?.classList.contains(state);
  if (is("painting") || is("waiting")) {
    plain ??= document.title;
    const share = `${Math.round(parseFloat(card.querySelector(".track i").style.width))} %`;
    document.title = `${is("painting") ? share : what(card)} · ${plain}`;
  } else if (plain && (is("done") || is("failed"))) {
    document.title = `${what(card)} · ${plain}`;
  } else {
    seen();
  }
};
const seen = () => {
  const busy = element.querySelector(".placard.painting, .placard.waiting");
  if (plain === null || busy || document.hidden) return;
  document.title = plain;
  plain = null;
};
watch("value", entitle);
for (const look of ["visibilitychange", "pointermove", "pointerdown", "keydown"]) {
  document.addEventListener(look, seen);
}
