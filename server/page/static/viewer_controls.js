// The paper with what belongs to it: keys, buttons and pointers, the note at a beat, what is said of it, the strip below.
import { clock, meaning, number, percent, t } from "./language.js";
import { EcgPaper } from "./ecg_paper.js";

const CLICK_PX = 4;
const ZOOM = 1.5;
const PAGE = 0.8; // of what is shown
const get = (id) => document.getElementById(id);

export class ViewerControls {
  constructor() {
    const paper = new EcgPaper(get("trace"), get("overview"), () => this.update());
    // What each key does, and each button that names it.
    const does = {
      ArrowLeft: () => this.step(-1),
      ArrowRight: () => this.step(1),
      "+": () => paper.zoom(ZOOM),
      "-": () => paper.zoom(1 / ZOOM),
      PageUp: () => paper.moveTo(paper.start - PAGE * paper.shownSeconds),
      PageDown: () => paper.moveTo(paper.start + PAGE * paper.shownSeconds),
      Home: () => paper.moveTo(0),
      End: () => paper.moveTo(Infinity),
      0: () => paper.zoomTo(paper.wholeSpeed),
      1: () => paper.zoomTo(paper.paperSpeed),
    };
    Object.assign(this, { paper, tipIndex: -1 });
    for (const button of document.querySelectorAll("[data-key]")) button.onclick = does[button.dataset.key];
    this.listen(paper.canvas, does);
    this.drag(paper.canvas);
    paper.strip.onpointerdown = paper.strip.onpointermove = ({ buttons, offsetX }) => {
      if (buttons) paper.moveTo((offsetX / paper.strip.clientWidth) * paper.seconds - paper.shownSeconds / 2);
    };
  }

  listen(canvas, does) {
    const { paper } = this;
    canvas.onkeydown = (event) => {
      const action = does[event.key === "=" ? "+" : event.key];
      if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      action();
    };
    canvas.onwheel = (event) => {
      const { ctrlKey, deltaX, deltaY, offsetX } = event;
      if (ctrlKey) paper.zoom(Math.exp(-deltaY / 200), offsetX);
      else if (Math.abs(deltaX) > Math.abs(deltaY)) paper.moveTo(paper.start + deltaX / paper.pxPerS);
      else return;
      event.preventDefault();
    };
  }

  // One pointer moves, two zoom, one that hardly moved chooses the beat there.
  drag(canvas) {
    const { paper } = this;
    const down = new Map();
    let moved = 0;
    canvas.onpointerdown = ({ pointerId, offsetX }) => {
      canvas.setPointerCapture(pointerId);
      if (!down.size) moved = 0;
      down.set(pointerId, offsetX);
    };
    canvas.onpointermove = ({ pointerId, offsetX: x }) => {
      const before = down.get(pointerId);
      if (before === undefined) return this.showTip(paper.beatAt(x));
      const [, other] = [...down].find(([id]) => id !== pointerId) ?? [];
      if (other === undefined) paper.moveTo(paper.start - (x - before) / paper.pxPerS);
      else paper.zoom(Math.abs(x - other) / Math.max(1, Math.abs(before - other)), (x + other) / 2);
      moved += Math.abs(x - before);
      down.set(pointerId, x);
    };
    canvas.onpointerup = canvas.onpointercancel = ({ pointerId, offsetX, type }) => {
      if (down.delete(pointerId) && moved < CLICK_PX && type === "pointerup") this.choose(paper.beatAt(offsetX));
    };
    canvas.onpointerleave = () => this.showTip(paper.selected);
  }

  show(view) {
    this.tipIndex = -1;
    get("announcement").textContent = "";
    this.paper.show(view);
  }

  step(by) {
    const { view: { beats, rate }, selected, start } = this.paper;
    const from = selected < 0 ? beats.findIndex((beat) => beat.sample >= start * rate) - (by > 0) : selected;
    if (beats.length) this.choose(Math.max(0, Math.min(beats.length - 1, from + by)));
  }

  choose(index) {
    this.tipIndex = index;
    this.paper.select(index);
    this.announce();
  }

  // What a screen reader hears of the chosen beat.
  announce() {
    const { view: { beats, rate, hasRows }, selected } = this.paper;
    const beat = beats[selected];
    if (!beat) return;
    const place = { number: number(selected + 1), all: number(beats.length), time: clock(beat.sample / rate, true) };
    get("announcement").textContent = t(hasRows ? "rowSaid" : "beatSaid", { ...place, name: this.describe(beat), probability: percent(beat.probability) });
  }

  describe(beat) {
    return `${beat.class}, ${meaning(beat.class, this.paper.view.classes)}`;
  }

  // The note at a beat, if that is seen.
  showTip(index) {
    this.tipIndex = index;
    const { view, width } = this.paper;
    const [tip, beat] = [get("tip"), view.beats[index]];
    const x = this.paper.x(beat?.sample);
    tip.hidden = !(x >= 0 && x <= width);
    if (tip.hidden) return;
    tip.textContent = `${this.describe(beat)}: ${percent(beat.probability)}`;
    tip.style.left = `${Math.max(0, Math.min(x + 14, width - tip.offsetWidth - 4))}px`;
  }

  // After each frame.
  update() {
    const { paper } = this;
    const [left, width] = [paper.start, paper.shownSeconds].map((seconds) => `${(100 * seconds) / paper.seconds}%`);
    Object.assign(get("seen").style, { left, width });
    const [speed, gain] = [paper.pxPerS, paper.pxPerMv].map((px) => number(px / paper.pxAMm, 1));
    get("scale").textContent = paper.view.isToScale ? t("scale", { speed, gain }) : t("noScale");
    this.showTip(this.tipIndex);
  }
}
