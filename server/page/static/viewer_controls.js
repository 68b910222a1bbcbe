// The paper's keys, buttons, slider and pointers, and the note at a beat.
import {element, get} from "./answer_view.js";
import {EcgPaper} from "./ecg_paper.js";
import {clock, meaning, number, percent, span, stretchName, t} from "./language.js";

const CLICK_PX = 4;
const ZOOM = 1.5;
const PAGE = 0.8; // of what is shown

export class ViewerControls {
	constructor() {
		const paper = new EcgPaper(get("trace"), get("overview"), () => this.update());
		// Key, button, action.
		const keys = [
			["ArrowLeft", "previous", () => this.step(-1)],
			["ArrowRight", "next", () => this.step(1)],
			["+", "zoomIn", () => paper.zoomTo(paper.pxPerS * ZOOM)],
			["-", "zoomOut", () => paper.zoomTo(paper.pxPerS / ZOOM)],
			["PageUp", "earlier", () => paper.moveBy(-PAGE * paper.width)],
			["PageDown", "later", () => paper.moveBy(PAGE * paper.width)],
			["0", "whole", () => paper.zoomTo(paper.wholeSpeed, 0)],
			["1", "toScale", () => paper.zoomTo(paper.paperSpeed)],
		];
		for (const [, text, onclick] of keys) {
			const button = element("button", {onclick});
			button.dataset.t = text;
			get("stop").before(button, " ");
		}
		get("place").oninput = ({target}) => paper.moveTo(+target.value);
		this.paper = paper;
		this.listen(paper, keys);
		this.drag(paper);
	}

	listen(paper, keys) {
		const {canvas} = paper;
		canvas.onkeydown = event => {
			const act = keys.find(([key]) => key === event.key.replace("=", "+"))?.[2];
			if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
			event.preventDefault();
			act();
		};
		canvas.onwheel = event => {
			const {ctrlKey, deltaX, deltaY, offsetX} = event;
			if (!ctrlKey && Math.abs(deltaX) <= Math.abs(deltaY)) return;
			event.preventDefault();
			if (ctrlKey) paper.zoomTo(paper.pxPerS * Math.exp(-deltaY / 200), offsetX);
			else paper.moveBy(deltaX);
		};
	}

	// One moves, two zoom, one that hardly moved selects.
	drag(paper) {
		const {canvas} = paper;
		const down = new Map();
		let moved = 0;
		canvas.onpointerdown = ({pointerId, offsetX}) => {
			canvas.setPointerCapture(pointerId);
			if (!down.size) moved = 0;
			down.set(pointerId, offsetX);
		};
		canvas.onpointermove = ({pointerId, offsetX: x}) => {
			const from = down.get(pointerId);
			if (from === undefined) return this.showTip(paper.beatAt(x));
			const [, other] = [...down].find(([id]) => id !== pointerId) ?? [];
			if (other === undefined) paper.moveBy(from - x);
			else paper.zoomTo((paper.pxPerS * Math.abs(x - other)) / Math.max(1, Math.abs(from - other)), (x + other) / 2);
			moved += Math.abs(x - from);
			down.set(pointerId, x);
		};
		canvas.onpointerup = canvas.onpointercancel = ({pointerId, offsetX, type}) => {
			if (down.delete(pointerId) && moved < CLICK_PX && type === "pointerup") this.choose(paper.beatAt(offsetX));
		};
		canvas.onpointerleave = () => this.showTip(paper.selected);
	}

	show(view) {
		this.paper.show(view);
		this.choose(-1);
	}

	step(by) {
		const {view: {beats, rate}, selected, start} = this.paper;
		const to = by + (selected < 0 ? beats.findIndex(beat => beat.sample >= start * rate) - (by > 0) : selected);
		if (beats.length) this.choose(Math.max(0, Math.min(beats.length - 1, to)));
	}

	// To the beginning of a stretch.
	goTo(one) {
		this.choose(-1);
		this.paper.moveTo(one.start_s);
		this.paper.canvas.focus();
		get("announcement").textContent = `${span(one)}, ${stretchName(one)}`;
	}

	choose(index) {
		this.tipIndex = index;
		this.paper.select(index);
		this.announce();
	}

	announce() {
		const {view: {beats, rate, hasRows}, selected} = this.paper;
		const beat = beats[selected];
		get("announcement").textContent = beat ? t(hasRows ? "rowSaid" : "beatSaid", {
			number: number(selected + 1), all: number(beats.length), time: clock(beat.sample / rate, true), said: this.describe(beat),
		}) : "";
	}

	describe(beat) {
		return `${beat.class}, ${meaning(beat.class, this.paper.view.classes)}: ${percent(beat.probability)}`;
	}

	showTip(index) {
		this.tipIndex = index;
		const {view, width} = this.paper;
		const [tip, beat] = [get("tip"), view.beats[index]];
		const x = this.paper.x(beat?.sample);
		tip.hidden = !(x >= 0 && x <= width);
		if (tip.hidden) return;
		tip.textContent = this.describe(beat);
		tip.style.left = `${Math.max(0, Math.min(x + 14, width - tip.offsetWidth - 4))}px`;
	}

	update() {
		const {paper} = this;
		Object.assign(get("place"), {max: paper.seconds - paper.shownSeconds, value: paper.start});
		get("scale").textContent = paper.view.isToScale ? `${paper.scale}.` : "";
		this.showTip(this.tipIndex);
	}
}
