// All of a signal in one strip, with what the paper shows of it.
import { colour } from "./marks.js";

export class Overview {
  constructor(canvas, paper) {
    Object.assign(this, { canvas, paper, context: canvas.getContext("2d"), known: null });
    const go = (event) => {
      if (event.buttons) paper.moveTo((event.offsetX / canvas.clientWidth) * paper.seconds - paper.shownSeconds / 2);
    };
    canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); go(event); });
    canvas.addEventListener("pointermove", go);
  }

  draw() {
    const { paper, canvas, context } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const key = [paper.extremes, width, paper.colours];
    if (!this.known || key.some((one, i) => one !== this.known[i])) {
      this.known = key;
      this.picture = this.drawn(width, height);
    }
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(this.picture, 0, 0);
    context.setTransform(paper.ratio, 0, 0, paper.ratio, 0, 0);
    const [left, span] = [(paper.start / paper.seconds) * width, Math.min(width, Math.max(3, (paper.shownSeconds / paper.seconds) * width))];
    context.fillStyle = paper.colours.band;
    context.fillRect(left, 0, span, height);
    context.strokeStyle = paper.colours.text;
    context.strokeRect(left + 0.5, 0.5, Math.min(span, width - left) - 1, height - 1);
    context.setTransform(1, 0, 0, 1, 0, 0);
  }

  // The strip itself, drawn once.
  drawn(width, height) {
    const { paper, canvas } = this;
    const { view, extremes, low, high, ratio } = paper;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const picture = new OffscreenCanvas(canvas.width, canvas.height);
    const context = picture.getContext("2d");
    const samples = view.values.length / canvas.width;
    const y = (value) => canvas.height * (0.9 - (0.55 * (value - low)) / (high - low || 1));
    context.fillStyle = paper.colours.sheet;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.fillStyle = paper.colours.ink;
    for (let x = 0; x < canvas.width; x++) {
      const [least, most] = extremes.between(x * samples, (x + 1) * samples + 1);
      if (least <= most) context.fillRect(x, y(most), 1, Math.max(1, y(least) - y(most)));
    }
    for (const beat of view.beats) {
      if (beat.predicted_class === 0) continue;
      context.fillStyle = colour(beat.predicted_class);
      context.fillRect((beat.sample / view.values.length) * canvas.width - 1, 3 * ratio, 2 * ratio, 7 * ratio);
    }
    return picture;
  }
}
