// A signal on ECG paper, drawn on a canvas: only what is seen.
import {number} from "./language.js";
import {BAND_PX, drawMarks, drawSquares, drawStretches, drawTrace, MARKS_PX, minMaxBlocks} from "./trace_canvas.js";

const MM_A_S = 25;
const MM_A_MV = 10;
const STRIP_MM = 250; // wide, by style.css
const CLOSEST_PX_A_S = 1500;

export class EcgPaper {
	constructor(canvas, overview, afterFrame) {
		Object.assign(this, {canvas, overview, afterFrame, pxPerS: 1});
		new ResizeObserver(() => this.resize()).observe(canvas);
	}

	// view: values, rate in Hz, isToScale if unit and rate are known, beats in order
	show(view) {
		Object.assign(this, {view, start: 0, extremes: minMaxBlocks(view.values), seconds: view.values.length / view.rate});
		this.resize();
		this.zoomTo(view.hasRows ? Math.max(this.paperSpeed, this.wholeSpeed) : this.paperSpeed, 0);
	}

	get shownSeconds() { return this.width / this.pxPerS; }
	get wholeSpeed() { return this.width / this.seconds; }
	get paperSpeed() { return this.view.isToScale ? MM_A_S * this.pxAMm : Math.max(this.wholeSpeed, 120); }

	resize() {
		const {canvas, view} = this;
		if (!view || !canvas.clientWidth) return;
		Object.assign(this, fitted(canvas));
		this.pxAMm = this.width < 560 ? 3.6 : 5;
		this.drawOverview(...this.fit(view.values));
		this.zoomTo(this.pxPerS, 0);
	}

	// How high a mV is, and where 0; gives lowest and highest but for a few.
	fit(values) {
		const {view} = this;
		const [low, high] = usual(values);
		this.bandPx = view.stretches.length && BAND_PX;
		const room = this.height - MARKS_PX - 16 - this.bandPx;
		this.pxPerMv = view.isToScale ? MM_A_MV * this.pxAMm : room / (high - low || 1);
		while ((high - low) * this.pxPerMv > room) this.pxPerMv /= 2;
		this.zeroY = MARKS_PX + room / 2 + 8 + ((low + high) / 2) * this.pxPerMv;
		return [low, high];
	}

	drawOverview(low, high) {
		const all = Object.assign(Object.create(this), fitted(this.overview), {start: 0});
		const room = all.height - this.bandPx;
		const pxPerMv = 0.8 * room / (high - low || 1);
		Object.assign(all, {pxPerS: all.wholeSpeed, pxPerMv, zeroY: 0.9 * room + low * pxPerMv});
		drawStretches(all);
		drawTrace(all);
	}

	// What is at the pixel x stays there.
	zoomTo(pxPerS, x = this.width / 2) {
		const at = this.start + x / this.pxPerS;
		this.pxPerS = Math.min(CLOSEST_PX_A_S, Math.max(Math.min(this.wholeSpeed, this.paperSpeed), pxPerS));
		this.moveTo(at - x / this.pxPerS);
	}

	moveTo(start) {
		this.start = Math.max(0, Math.min(start, this.seconds - this.shownSeconds));
		this.draw();
	}

	moveBy(px) { this.moveTo(this.start + px / this.pxPerS); }

	select(index) {
		this.selected = index;
		const x = this.x(this.view.beats[index]?.sample) - this.width / 2;
		this.moveBy(Math.abs(x) > 0.4 * this.width ? x : 0);
	}

	// The beat nearest to the pixel x, or -1.
	beatAt(x) {
		const {beats, rate, reach} = this.view;
		const sample = (this.start + x / this.pxPerS) * rate;
		const index = beats.findIndex((beat, i) => sample < (beat.sample + (beats[i + 1]?.sample ?? Infinity)) / 2);
		return Math.abs(beats[index]?.sample - sample) < reach ? index : -1;
	}

	x(sample) { return (sample / this.view.rate - this.start) * this.pxPerS; }
	y(value) { return this.zeroY - value * this.pxPerMv; }

	// Once a frame, however often it is asked for.
	draw() {
		this.waiting ||= requestAnimationFrame(() => {
			this.waiting = 0;
			this.context.clearRect(0, 0, this.width, this.height);
			this.paint();
			this.afterFrame();
		});
	}

	paint() {
		for (const [count, alpha] of this.view.isToScale ? [[1, 0.4], [5, 1]] : []) drawSquares(this, count, alpha);
		drawStretches(this);
		drawMarks(this);
		drawTrace(this);
	}

	// From a second on, on a canvas of its own; gives its scale.
	drawStrip(canvas, start) {
		const {values, rate} = this.view;
		const strip = Object.assign(Object.create(this), fitted(canvas), {start});
		strip.pxAMm = strip.width / STRIP_MM;
		strip.pxPerS = strip.paperSpeed;
		strip.fit(values.subarray(start * rate, (start + STRIP_MM / MM_A_S) * rate));
		strip.paint();
		return strip.scale;
	}

	get scale() {
		const [speed, gain] = [this.pxPerS, this.pxPerMv].map(px => number(px / this.pxAMm, 1));
		return `${speed} mm/s, ${gain} mm/mV`;
	}
}

// A canvas made as fine as the screen.
function fitted(canvas) {
	const {clientWidth: width, clientHeight: height} = canvas;
	Object.assign(canvas, {width: width * devicePixelRatio, height: height * devicePixelRatio});
	const context = canvas.getContext("2d");
	context.scale(devicePixelRatio, devicePixelRatio);
	return {context, width, height, style: getComputedStyle(canvas)};
}

// Where most values lie, but for one in five hundred.
function usual(values) {
	const every = Math.ceil(values.length / 20000);
	const some = Float32Array.from({length: values.length / every}, (_, i) => values[i * every]).filter(value => !Number.isNaN(value)).sort();
	const cut = Math.floor(some.length / 500);
	return [some[cut], some.at(-1 - cut)];
}
