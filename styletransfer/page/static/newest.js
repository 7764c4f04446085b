// Events of which only the newest counts, such as: say how long this would take. In Python they have
// trigger_mode="always_last". Those of one handler are of one kind. While one of a kind is being answered the
// next one waits, and gives way to a newer one.
//
// Gradio's own page does that, too, but when the answer has come it begins anew with all events of the control
// that was changed, not only with the one that had to wait. Where the server is slow, these make each other
// wait in turn, and so on for ever. So Gradio is told to send all of them, and line.js sends what has its turn.
const kinds = new Set();
for (const event of window.gradio_config?.dependencies ?? [])
  if (event.trigger_mode === "always_last") {
    event.trigger_mode = "multiple";
    kinds.add(event.id);
  }

// For each kind of which one is being answered: the function that lets the waiting one go, or undefined.
const lets = new Map();

window.newest = {
  // Whether an event of this kind has its turn; if it has to wait, a promise of that.
  turn(kind) {
    if (!kinds.has(kind)) return true;
    const waits = lets.has(kind);
    lets.get(kind)?.(false);
    lets.set(kind, undefined);
    return !waits || new Promise((go) => lets.set(kind, go));
  },
  answered(kind) {
    const go = lets.get(kind);
    if (go) lets.set(kind, undefined);
    else lets.delete(kind);
    go?.(true);
  },
};
