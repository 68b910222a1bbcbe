// A signal on ECG paper, drawn on a canvas: only what is seen, at most one stroke a column of pixels.
import { MinMaxBlocks } from "./min_max_blocks.js";
import { drawMarks, drawSquares, drawTicks, drawTrace, MARKS_PX } from "./trace_canvas.js";

const MM_A_S = 25;
const MM_A_MV = 10;
const CLOSEST_PX_A_S = 1500;

export class EcgPaper {
  // canvas   where to draw
  // strip    a canvas for all of the signal at a glance
  // changed  called after each frame
  constructor(canvas, strip, changed) {
    Object.assign(this, { canvas, strip, changed, style: getComputedStyle(canvas), start: 0, pxPerS: 1, selected: -1 });
    new ResizeObserver(() => this.resize()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").onchange = () => this.resize();
  }

  // view  values Float32Array, rate Hz, isToScale whether their unit and rate are known, beats ascending by sample
  show(view) {
    Object.assign(this, { view, selected: -1, start: 0, extremes: new MinMaxBlocks(view.values), seconds: view.values.length / view.rate });
    [this.low, this.high] = usual(view.values);
    this.resize();
    this.zoomTo(view.hasRows ? Math.max(this.paperSpeed, this.wholeSpeed) : this.paperSpeed);
  }

  get shownSeconds() { return this.width / this.pxPerS; }
  get wholeSpeed() { return this.width / this.seconds; }
  get paperSpeed() { return this.view.isToScale ? MM_A_S * this.pxAMm : Math.max(this.wholeSpeed, 120); }

  resize() {
    if (!this.view || !this.canvas.clientWidth) return;
    Object.assign(this, sized(this.canvas));
    this.pxAMm = this.width < 560 ? 3.6 : 5;
    const room = this.height - MARKS_PX - 16;
    this.pxPerMv = this.view.isToScale ? MM_A_MV * this.pxAMm : room / (this.high - this.low || 1);
    while ((this.high - this.low) * this.pxPerMv > room) this.pxPerMv /= 2;
    this.middleY = MARKS_PX + room / 2 + 8;
    this.drawStrip();
    this.zoomTo(this.pxPerS);
  }

  // The strip is paper, too, as wide as the signal is long.
  drawStrip() {
    const strip = Object.assign(Object.create(this), sized(this.strip), { start: 0 });
    const { width, height, low, high } = strip;
    Object.assign(strip, { pxPerS: width / this.seconds, pxPerMv: (0.45 * height) / (high - low || 1), middleY: 0.7 * height });
    drawTicks(strip, this.view.beats);
    drawTrace(strip);
  }

  // What is at the pixel x stays there.
  zoomTo(pxPerS, x = 0) {
    const at = this.start + x / this.pxPerS;
    this.pxPerS = Math.min(CLOSEST_PX_A_S, Math.max(Math.min(this.wholeSpeed, this.paperSpeed), pxPerS));
    this.moveTo(at - x / this.pxPerS);
  }

  zoom(factor, x = this.width / 2) {
    this.zoomTo(this.pxPerS * factor, x);
  }

  moveTo(start) {
    this.start = Math.max(0, Math.min(start, this.seconds - this.shownSeconds));
    this.draw();
  }

  select(index) {
    this.selected = index;
    const x = this.x(this.view.beats[index]?.sample);
    if (x < 0.1 * this.width || x > 0.9 * this.width) this.moveTo(this.start + x / this.pxPerS - this.shownSeconds / 2);
    else this.draw();
  }

  // The beat nearest to the pixel x, or -1.
  beatAt(x) {
    const { beats, rate, reach } = this.view;
    const sample = (this.start + x / this.pxPerS) * rate;
    const index = beats.findIndex((beat, i) => sample < (beat.sample + (beats[i + 1]?.sample ?? Infinity)) / 2);
    return Math.abs(beats[index]?.sample - sample) < reach ? index : -1;
  }

  x(sample) { return (sample / this.view.rate - this.start) * this.pxPerS; }
  y(value) { return this.middleY - (value - (this.low + this.high) / 2) * this.pxPerMv; }

  // Once a frame, however often it is asked for.
  draw() {
    this.waiting ||= requestAnimationFrame(() => {
      this.waiting = 0;
      const start = performance.now();
      this.paint();
      performance.clearMeasures("draw");
      performance.measure("draw", { start });
      this.changed();
    });
  }

  paint() {
    this.context.clearRect(0, 0, this.width, this.height);
    if (this.view.isToScale) drawSquares(this, 1, 0.4);
    if (this.view.isToScale) drawSquares(this, 5, 1);
    drawMarks(this);
    drawTrace(this);
  }
}

// {context, width, height} of a canvas, made as fine as the screen.
function sized(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const context = canvas.getContext("2d");
  canvas.width = Math.round(width * devicePixelRatio);
  canvas.height = Math.round(height * devicePixelRatio);
  context.scale(devicePixelRatio, devicePixelRatio);
  return { context, width, height };
}

// Where most of the signal lies: what one value in five hundred exceeds may be cut off.
function usual(values) {
  const every = Math.ceil(values.length / 20000);
  const some = values.filter((value, i) => i % every === 0 && !Number.isNaN(value)).sort();
  const cut = Math.floor(some.length / 500);
  return [some[cut], some.at(-1 - cut)];
}
