// The squares of the paper, and the trace upon them.
export const MM_MS = 40;
export const MM_MV = 0.1;
const LEAST_GAP_PX = 3; // Lines closer than this are not drawn.
const DENSE = 2; // Of so many samples a pixel on, only the lowest and the highest are drawn.
const TRACE_PX = 1.3;

// Squares of so many small ones.
export function rule(paper, count, colour) {
  const { context, start, pxPerS, pxPerMv, width, height } = paper;
  const [acrossS, downMv] = [(count * MM_MS) / 1000, count * MM_MV];
  context.beginPath();
  if (acrossS * pxPerS >= LEAST_GAP_PX) {
    const last = start + paper.shownSeconds;
    for (let i = Math.ceil(start / acrossS); i * acrossS < last; i++) line(context, (i * acrossS - start) * pxPerS, 0, 0, height);
  }
  if (downMv * pxPerMv >= LEAST_GAP_PX) {
    const step = downMv * pxPerMv;
    const zero = paper.y(Math.round((paper.low + paper.high) / 2 / 0.5) * 0.5);
    for (let y = zero % step; y < height; y += step) line(context, 0, y, width, 0);
  }
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.stroke();
}

export function trace(paper) {
  const { context, view } = paper;
  const samplesAColumn = view.rate / paper.pxPerS / paper.ratio;
  context.beginPath();
  if (samplesAColumn > DENSE) columns(paper, samplesAColumn);
  else points(paper);
  context.strokeStyle = paper.colours.ink;
  context.lineWidth = TRACE_PX;
  context.lineJoin = "round";
  context.stroke();
}

function columns(paper, samples) {
  const first = Math.floor((paper.start * paper.view.rate) / samples);
  for (let column = 0; column <= paper.width * paper.ratio; column++) {
    const [low, high] = paper.extremes.between((first + column) * samples, (first + column + 1) * samples + 1);
    if (low <= high) line(paper.context, column / paper.ratio, paper.y(high), 0, Math.max(0.6, (high - low) * paper.pxPerMv));
  }
}

function points(paper) {
  const { values, rate } = paper.view;
  const last = Math.min(values.length, Math.ceil((paper.start + paper.shownSeconds) * rate) + 2);
  for (let i = Math.max(0, Math.floor(paper.start * rate)), isDown = false; i < last; i++) {
    const is = !Number.isNaN(values[i]);
    if (is && isDown) paper.context.lineTo(paper.x(i), paper.y(values[i]));
    else if (is) paper.context.moveTo(paper.x(i), paper.y(values[i]));
    isDown = is;
  }
}

function line(context, x, y, right, down) {
  context.moveTo(x, y);
  context.lineTo(x + right, y + down);
}
