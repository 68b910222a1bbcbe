// A signal on ECG paper, drawn on a canvas: only what is seen, at most one stroke a column of pixels.
import { Extremes } from "./extremes.js";
import { MM_MS, MM_MV, rule, trace } from "./ink.js";
import { beatsIn, drawMarks, MARKS_HEIGHT } from "./marks.js";

const PX_A_MM = { wide: 5, narrow: 3.6 };
const NARROW_PX = 560;
const CLOSEST_PX_A_S = 1500;
const COLOURS = ["sheet", "small", "large", "ink", "band", "text"];

export class Paper {
  // canvas   where to draw
  // changed  called after each frame
  constructor(canvas, changed) {
    Object.assign(this, { canvas, changed, context: canvas.getContext("2d"), start: 0, pxPerS: 1, selected: -1, view: null });
    new ResizeObserver(() => this.resize()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.resize());
  }

  // view  values Float32Array, rate Hz, isMillivolts and hasTime whether these are known, beats ascending by sample
  show(view) {
    this.view = view;
    this.extremes = new Extremes(view.values);
    this.selected = -1;
    [this.low, this.high] = usual(view.values);
    this.resize();
    if (view.hasRows && this.seconds * this.paperSpeed < this.width) this.whole();
    else this.atPaperSpeed();
  }

  get seconds() { return this.view.values.length / this.view.rate; }
  get shownSeconds() { return this.width / this.pxPerS; }
  get hasSquares() { return this.view.isMillivolts && this.view.hasTime; }

  resize() {
    const ratio = devicePixelRatio || 1;
    this.width = this.canvas.clientWidth;
    this.height = this.canvas.clientHeight;
    if (!this.view || !this.width) return;
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    this.ratio = ratio;
    const style = getComputedStyle(this.canvas);
    this.colours = Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
    this.pxAMm = this.width < NARROW_PX ? PX_A_MM.narrow : PX_A_MM.wide;
    const room = this.height - MARKS_HEIGHT - 16;
    this.pxPerMv = this.pxAMm / MM_MV;
    if (!this.hasSquares) this.pxPerMv = room / (this.high - this.low || 1);
    while ((this.high - this.low) * this.pxPerMv > room) this.pxPerMv /= 2;
    this.middleY = MARKS_HEIGHT + room / 2 + 8;
    this.moveTo(this.start);
  }

  get paperSpeed() { return this.hasSquares ? (1000 * this.pxAMm) / MM_MS : Math.max(this.width / this.seconds, 120); }
  atPaperSpeed() { this.zoomTo(this.paperSpeed); }
  whole() { this.zoomTo(this.width / this.seconds); this.moveTo(0); }
  zoom(factor, x = this.width / 2) { this.zoomTo(this.pxPerS * factor, x); }

  // What is at the pixel x stays there.
  zoomTo(pxPerS, x = 0) {
    const at = this.start + x / this.pxPerS;
    this.pxPerS = Math.min(CLOSEST_PX_A_S, Math.max(Math.min(this.width / this.seconds, this.paperSpeed), pxPerS));
    this.moveTo(at - x / this.pxPerS);
  }

  moveTo(start) {
    this.start = Math.max(0, Math.min(start, this.seconds - this.shownSeconds));
    this.draw();
  }

  select(index, follow = true) {
    this.selected = index;
    const at = this.view.beats[index]?.sample / this.view.rate;
    const isSeen = at > this.start + 0.1 * this.shownSeconds && at < this.start + 0.9 * this.shownSeconds;
    if (follow && index >= 0 && !isSeen) this.moveTo(at - this.shownSeconds / 2);
    else this.draw();
  }

  // The beat nearest to the pixel x, or -1.
  beatAt(x) {
    const { beats, rate } = this.view;
    const sample = (this.start + x / this.pxPerS) * rate;
    const next = beatsIn(beats, -Infinity, sample)[1];
    const near = [next - 1, next].filter((i) => beats[i]).sort((a, b) => Math.abs(beats[a].sample - sample) - Math.abs(beats[b].sample - sample));
    return near.length && Math.abs(beats[near[0]].sample - sample) < beats[near[0]].reach ? near[0] : -1;
  }

  x(sample) { return (sample / this.view.rate - this.start) * this.pxPerS; }
  y(value) { return this.middleY - (value - (this.low + this.high) / 2) * this.pxPerMv; }

  // Once a frame, however often it is asked for.
  draw() {
    if (!this.view || this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      const began = performance.now();
      this.paint();
      performance.clearMeasures("draw");
      performance.measure("draw", { start: began, end: performance.now() });
      this.changed();
    });
  }

  paint() {
    const { context, colours } = this;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.fillStyle = colours.sheet;
    context.fillRect(0, 0, this.width, this.height);
    if (this.hasSquares) {
      rule(this, 1, colours.small);
      rule(this, 5, colours.large);
    }
    drawMarks(this);
    trace(this);
  }
}

// Where most of the signal lies: what one value in five hundred exceeds may be cut off.
function usual(values) {
  const step = Math.max(1, Math.floor(values.length / 20000));
  const some = values.filter((value, i) => i % step === 0 && !Number.isNaN(value)).sort();
  const cut = Math.floor(some.length / 500);
  return [some[cut], some[some.length - 1 - cut]];
}
