// Pointer, wheel and keys on the paper.
const CLICK_PX = 4;
const ZOOM = 1.5;
const PAGE = 0.8; // of what is shown

// What each button and key does; `step` selects the beat before or after.
export function actions(paper, step) {
  return {
    previous: () => step(-1),
    next: () => step(1),
    in: () => paper.zoom(ZOOM),
    out: () => paper.zoom(1 / ZOOM),
    left: () => paper.moveTo(paper.start - PAGE * paper.shownSeconds),
    right: () => paper.moveTo(paper.start + PAGE * paper.shownSeconds),
    begin: () => paper.moveTo(0),
    end: () => paper.moveTo(Infinity),
    whole: () => paper.whole(),
    paper: () => paper.atPaperSpeed(),
  };
}

const KEYS = { ArrowLeft: "previous", ArrowRight: "next", "+": "in", "=": "in", "-": "out", PageUp: "left", PageDown: "right", Home: "begin", End: "end", 0: "whole" };

export function listen(paper, does, pointed, chosen) {
  const { canvas } = paper;
  canvas.addEventListener("keydown", (event) => {
    const action = KEYS[event.key];
    if (!action || !paper.view || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    does[action]();
  });
  canvas.addEventListener("wheel", (event) => {
    if (!paper.view) return;
    const across = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (event.ctrlKey) paper.zoom(Math.exp(-event.deltaY / 200), event.offsetX);
    else if (Math.abs(across) > 0 && (event.shiftKey || Math.abs(across) > Math.abs(event.deltaY))) paper.moveTo(paper.start + across / paper.pxPerS);
    else return;
    event.preventDefault();
  }, { passive: false });
  drag(paper, pointed, chosen);
}

// One pointer moves, two zoom, one that hardly moved chooses the beat there.
function drag(paper, pointed, chosen) {
  const { canvas } = paper;
  const down = new Map();
  let moved = 0;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    down.set(event.pointerId, event.offsetX);
    if (down.size === 1) moved = 0;
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (before === undefined) {
      pointed(event.offsetX);
      return;
    }
    const [other] = [...down].filter(([id]) => id !== event.pointerId).map(([, x]) => x);
    if (other === undefined) paper.moveTo(paper.start - (event.offsetX - before) / paper.pxPerS);
    else paper.zoom(Math.abs(event.offsetX - other) / Math.max(1, Math.abs(before - other)), (event.offsetX + other) / 2);
    moved += Math.abs(event.offsetX - before);
    down.set(event.pointerId, event.offsetX);
  });
  const up = (event) => {
    if (down.delete(event.pointerId) && moved < CLICK_PX && event.type === "pointerup") chosen(event.offsetX);
  };
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, up);
  canvas.addEventListener("pointerleave", () => pointed(-1));
}
