// The class of each beat: a colour that colour-blind people can tell, a letter, and a height of its own.
// Okabe and Ito's colours, in the order of the classes.
export const COLOURS = ["#0072b2", "#e69f00", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#777777"];
export const MARKS_HEIGHT = 40;
const CHIP = 20;
const SPACE_PX = 26; // Letters need so much from beat to beat.
const LANE_PX = 5;

export function colour(index) {
  return COLOURS[index % COLOURS.length];
}

// White where black would not be read.
export function inkOn(index) {
  return [0, 6].includes(index % COLOURS.length) ? "#ffffff" : "#000000";
}

// Indexes of the beats from the sample `from` up to, not including, `to`: first, and one past the last.
export function beatsIn(beats, from, to) {
  return [from, to].map((sample) => {
    let [low, high] = [0, beats.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (beats[middle].sample < sample) low = middle + 1;
      else high = middle;
    }
    return low;
  });
}

export function drawMarks(paper) {
  const { beats, rate } = paper.view;
  const [first, end] = beatsIn(beats, paper.start * rate - rate, (paper.start + paper.shownSeconds) * rate + rate);
  if (beats[paper.selected]) band(paper, beats[paper.selected]);
  const spacious = ((paper.x(beats[end - 1]?.sample) - paper.x(beats[first]?.sample)) / Math.max(1, end - first - 1)) >= SPACE_PX;
  if (spacious || end - first === 1) for (let i = first; i < end; i++) chip(paper, beats[i], i === paper.selected);
  else lanes(paper, beats.slice(first, end));
}

function band(paper, beat) {
  const x = paper.x(beat.sample);
  const half = Math.max(3, (beat.reach / paper.view.rate) * paper.pxPerS * 0.8);
  paper.context.fillStyle = paper.colours.band;
  paper.context.fillRect(x - half, 0, 2 * half, paper.height);
}

function chip(paper, beat, isSelected) {
  const { context } = paper;
  const name = beat.name.length > 3 ? `${beat.name.slice(0, 2)}…` : beat.name;
  context.font = "600 13px system-ui, sans-serif";
  const width = Math.max(CHIP, context.measureText(name).width + 8);
  const left = paper.x(beat.sample) - width / 2;
  context.fillStyle = colour(beat.predicted_class);
  context.beginPath();
  context.roundRect(left, 8, width, CHIP, 5);
  context.fill();
  context.fillRect(left + width / 2 - 1, 8 + CHIP, 2, 7);
  if (isSelected) {
    context.strokeStyle = paper.colours.text;
    context.lineWidth = 2;
    context.stroke();
  }
  context.fillStyle = inkOn(beat.predicted_class);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(name, left + width / 2, 8 + CHIP / 2 + 1);
}

// Where letters would not fit, a tick in the class's own row, at most one a pixel and class.
function lanes(paper, beats) {
  const seen = new Map();
  for (const beat of beats) {
    const lane = Math.min(beat.predicted_class, COLOURS.length - 1);
    const x = Math.round(paper.x(beat.sample));
    if (seen.get(lane) === x) continue;
    seen.set(lane, x);
    paper.context.fillStyle = colour(beat.predicted_class);
    paper.context.fillRect(x - 1, 4 + lane * LANE_PX, 2, LANE_PX - 1);
  }
}
