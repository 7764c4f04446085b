// The boards over the stage: Escape presses the button that closes one, and what had opened it has the focus again.
// A link and the larger sizes also make way for whatever else is pressed.
const BOARDS = {
  // the board: what opens it, and what closes it
  "#link": ["#share, #copy-link", "[data-close]"],
  "#sure": ["#delete", "#delete-no"],
  "#larger-board": ["#larger", "[data-close]"],
  "#left": ["#leave button", "[data-close]"],
  "#part-board": ["#part", "[data-action='close']"],
  "#mask-board": ["#masks-open", "#masks-close"],
  "#beside-board": ["#beside", "[data-close]"],
};
const MAKE_WAY = ["#link", "#larger-board"];
const openers = {}; // the button that was pressed last to open each of them
const closer = (board) => document.querySelector(`${board} :is(${BOARDS[board][1]})`);
const goBack = (board) => openers[board]?.focus({ preventScroll: true });

// Only what a visitor presses: scripts close boards, too, and the focus is then somewhere else.
const pressed = (button, board) => {
  const [opens, closes] = BOARDS[board];
  if (button.matches(opens)) openers[board] = button;
  else if (button.closest(board)) button.matches(closes) && goBack(board);
  else if (MAKE_WAY.includes(board)) closer(board)?.click();
};
document.addEventListener(
  "click",
  ({ target, isTrusted }) => {
    const button = isTrusted && target.closest?.("button");
    if (button) for (const board of Object.keys(BOARDS)) pressed(button, board);
  },
  true,
);
document.addEventListener("keydown", ({ key }) => {
  const open = Object.keys(BOARDS).find((board) => closer(board)?.checkVisibility());
  if (key !== "Escape" || !open) return;
  closer(open).click();
  goBack(open);
});
