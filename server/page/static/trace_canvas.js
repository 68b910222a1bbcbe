// What is drawn: squares, rhythms, the class of each beat, the trace.
import {stretchName} from "./language.js";

// Okabe and Ito's colours, which colour-blind people can tell.
const COLOURS = ["#0072b2", "#e69f00", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#777777"];
const SELECTED = "#56b4e940";
export const MARKS_PX = 40;
const SMALL = {s: 0.04, mv: 0.1}; // a square of 1 mm
const LEAST_GAP_PX = 3; // of lines
const DENSE = 2; // samples a pixel
const TRACE_PX = 1.3;
const BLOCK = 64; // samples
const CHIP_PX = 20;
const PROVISIONAL = 0.75;
const SPACE_PX = 26; // a letter
const LANE_PX = 5;
export const BAND_PX = 20;
const LETTER_PX = 8; // wide at most
const SHADE = "#77777760";

// Black would not be read on the first colour.
export function classColours(index) {
	const place = index % COLOURS.length;
	return {background: COLOURS[place], color: place ? "black" : "white"};
}

export function drawSquares({context, start, pxPerS, pxPerMv, width, height, zeroY, style}, count, alpha) {
	const [across, down] = [count * SMALL.s * pxPerS, count * SMALL.mv * pxPerMv];
	context.globalAlpha = alpha;
	context.fillStyle = style.borderTopColor;
	for (let x = -start * pxPerS % across; across >= LEAST_GAP_PX && x < width; x += across) context.fillRect(x, 0, 1, height);
	for (let y = zeroY % down; down >= LEAST_GAP_PX && y < height; y += down) context.fillRect(0, y, width, 1);
	context.globalAlpha = 1;
}

// A shade for what is unreadable, a band for a rhythm, its name where there is room.
export function drawStretches(paper) {
	const {context, width, height, style, view: {stretches, rhythms, rate}} = paper;
	for (const one of stretches) {
		const [from, to] = [one.start_s, one.end_s].map(second => Math.max(0, Math.min(width, paper.x(second * rate))));
		const {background, color} = one.rhythm ? classColours(rhythms.indexOf(one.rhythm) - 1) : {background: SHADE, color: style.color};
		const top = one.rhythm ? height - BAND_PX : 0;
		context.fillStyle = background;
		context.fillRect(from, top, to - from, height - top);
		const words = [stretchName(one), one.rhythm ?? ""].find(({length}) => length * LETTER_PX <= to - from);
		if (words) write(context, words, (from + to) / 2, height - BAND_PX / 2, color);
	}
}

// A letter a beat or, where they would not fit, a tick in the row of its class.
export function drawMarks(paper) {
	const {context, width, height, view} = paper;
	const half = (view.reach / view.rate) * paper.pxPerS;
	context.fillStyle = SELECTED;
	context.fillRect(paper.x(view.beats[paper.selected]?.sample) - half, 0, 2 * half, height);
	const seen = view.beats.filter(({sample}) => Math.abs(paper.x(sample) - width / 2) < width / 2 + SPACE_PX);
	const draw = seen.length * SPACE_PX > width ? drawTick : drawChip;
	const last = []; // of each class: no two share a pixel
	for (const beat of seen) {
		const x = paper.x(beat.sample);
		if (x - last[beat.predicted_class] < 1) continue;
		last[beat.predicted_class] = x;
		draw(context, x, beat);
	}
}

function drawTick(context, x, {predicted_class: index}) {
	context.fillStyle = classColours(index).background;
	context.fillRect(x - 1, 4 + (index % COLOURS.length) * LANE_PX, 2, LANE_PX - 1);
}

function drawChip(context, x, beat) {
	const {background, color} = classColours(beat.predicted_class);
	context.globalAlpha = beat.final === false ? PROVISIONAL : 1;
	context.fillStyle = background;
	context.beginPath();
	context.roundRect(x - CHIP_PX / 2, 8, CHIP_PX, CHIP_PX, 5);
	context.fill();
	context.globalAlpha = 1;
	write(context, beat.class.slice(0, 2), x, 9 + CHIP_PX / 2, color);
}

function write(context, text, x, y, fillStyle) {
	Object.assign(context, {fillStyle, font: "600 13px system-ui", textAlign: "center", textBaseline: "middle"});
	context.fillText(text, x, y);
}

// Each sample or, where they are dense, highest and lowest of a column of pixels.
export function drawTrace(paper) {
	const {context, style: {color}, view: {rate}} = paper;
	const samples = rate / paper.pxPerS / devicePixelRatio;
	const step = samples > DENSE ? samples : 1;
	const last = ((paper.start + paper.shownSeconds) * rate) / step + 1;
	let place = "moveTo";
	context.beginPath();
	for (let i = Math.floor(paper.start * rate / step); i <= last; i++) {
		const [low, high] = paper.extremes(i * step, (i + 1) * step);
		const x = paper.x(i * step);
		const isKnown = low <= high;
		if (isKnown) context[place](x, paper.y(high));
		if (isKnown) context.lineTo(x, paper.y(low));
		place = isKnown ? "lineTo" : "moveTo";
	}
	Object.assign(context, {strokeStyle: color, lineWidth: TRACE_PX, lineJoin: "bevel"});
	context.stroke();
}

// Lowest and highest of a stretch; of a long one, of its blocks.
export function minMaxBlocks(values) {
	const blocks = Array.from({length: Math.ceil(values.length / BLOCK)}, (_, i) => extremes(values, values, i * BLOCK, (i + 1) * BLOCK));
	const [low, high] = [0, 1].map(side => blocks.map(pair => pair[side]));
	return (from, to) => to - from < 2 * BLOCK ? extremes(values, values, from, to) : extremes(low, high, from / BLOCK, to / BLOCK);
}

// [lowest, highest]; lowest > highest if nothing is there.
function extremes(low, high, from, to) {
	let [lowest, highest] = [Infinity, -Infinity];
	const last = Math.min(low.length, Math.ceil(to));
	for (let i = Math.max(0, Math.floor(from)); i < last; i++) {
		if (low[i] < lowest) lowest = low[i];
		if (high[i] > highest) highest = high[i];
	}
	return [lowest, highest];
}
