// What is drawn upon the paper: squares, the class of each beat, the trace.
// Okabe and Ito's colours, which colour-blind people can tell, in the order of the classes.
const COLOURS = ["#0072b2", "#e69f00", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#777777"];
export const MARKS_PX = 40;
const SELECTED = "#56b4e940";
const SMALL = { s: 0.04, mv: 0.1 }; // a square of 1 mm
const LEAST_GAP_PX = 3; // Lines closer than this are not drawn.
const DENSE = 2; // Of so many samples a pixel on, only the lowest and the highest are drawn.
const TRACE_PX = 1.3;
const CHIP_PX = 20;
const SPACE_PX = 26; // Letters need so much from beat to beat.
const LANE_PX = 5;

export function classColour(index) {
  return COLOURS[index % COLOURS.length];
}

// Black would not be read on the first colour.
export function textColourOn(index) {
  return index % COLOURS.length ? "black" : "white";
}

// Squares of so many small ones.
export function drawSquares(paper, count, alpha) {
  const { context, start, pxPerS, pxPerMv, width, height } = paper;
  const [across, down] = [count * SMALL.s * pxPerS, count * SMALL.mv * pxPerMv];
  context.beginPath();
  if (across >= LEAST_GAP_PX) for (let x = -(start * pxPerS) % across; x < width; x += across) line(context, x, 0, x, height);
  if (down >= LEAST_GAP_PX) for (let y = paper.y(0) % down; y < height; y += down) line(context, 0, y, width, y);
  context.globalAlpha = alpha;
  context.strokeStyle = paper.style.borderTopColor;
  context.lineWidth = 1;
  context.stroke();
  context.globalAlpha = 1;
}

// Of each beat that is seen a letter in a colour, or a tick where letters would not fit.
export function drawMarks(paper) {
  const { context, width, height, view } = paper;
  const selected = view.beats[paper.selected];
  const half = Math.max(3, (view.reach / view.rate) * paper.pxPerS * 0.8);
  context.fillStyle = SELECTED;
  if (selected) context.fillRect(paper.x(selected.sample) - half, 0, 2 * half, height);
  const seen = view.beats.filter((beat) => Math.abs(paper.x(beat.sample) - width / 2) < width / 2 + SPACE_PX);
  if (seen.length * SPACE_PX <= width) for (const beat of seen) drawChip(paper, beat);
  else drawTicks(paper, seen);
}

function drawChip(paper, beat) {
  const { context } = paper;
  const [x, half] = [paper.x(beat.sample), CHIP_PX / 2];
  context.fillStyle = classColour(beat.predicted_class);
  context.beginPath();
  context.roundRect(x - half, 8, CHIP_PX, CHIP_PX, 5);
  context.rect(x - 1, 8 + CHIP_PX, 2, 7);
  context.fill();
  context.fillStyle = textColourOn(beat.predicted_class);
  context.font = "600 13px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(beat.class.slice(0, 2), x, 9 + half);
}

// In a row for each class, at most one a pixel.
export function drawTicks(paper, beats) {
  const drawn = [];
  for (const { sample, predicted_class: index } of beats) {
    const row = Math.min(index, COLOURS.length - 1);
    const x = Math.round(paper.x(sample));
    if (drawn[row] === x) continue;
    drawn[row] = x;
    paper.context.fillStyle = classColour(index);
    paper.context.fillRect(x - 1, 4 + row * LANE_PX, 2, LANE_PX - 1);
  }
}

export function drawTrace(paper) {
  const { context } = paper;
  const samples = paper.view.rate / paper.pxPerS / devicePixelRatio;
  context.fillStyle = context.strokeStyle = paper.style.color;
  context.lineWidth = TRACE_PX;
  context.lineJoin = "bevel";
  if (samples > DENSE) drawColumns(paper, samples);
  else drawPoints(paper);
}

// From the lowest to the highest of so many samples a column of pixels: to fill them takes less than to stroke them.
function drawColumns(paper, samples) {
  const first = Math.floor((paper.start * paper.view.rate) / samples);
  for (let column = 0; column <= paper.width * devicePixelRatio; column++) {
    const [low, high] = paper.extremes.between((first + column) * samples, (first + column + 1) * samples + 1);
    const [x, y] = [column / devicePixelRatio, paper.y(high)];
    if (low <= high) paper.context.fillRect(x - TRACE_PX / 2, y, TRACE_PX, Math.max(0.6, paper.y(low) - y));
  }
}

function drawPoints(paper) {
  const { values, rate } = paper.view;
  const first = Math.max(0, Math.floor(paper.start * rate));
  const last = Math.min(values.length, first + Math.ceil(paper.shownSeconds * rate) + 3);
  paper.context.beginPath();
  for (let i = first; i < last; i++) {
    const drawn = i === first || Number.isNaN(values[i - 1]) ? "moveTo" : "lineTo";
    paper.context[drawn](paper.x(i), paper.y(values[i]));
  }
  paper.context.stroke();
}

function line(context, fromX, fromY, x, y) {
  context.moveTo(fromX, fromY);
  context.lineTo(x, y);
}
