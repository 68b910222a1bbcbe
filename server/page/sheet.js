// The paper with what belongs to it: buttons, the note at a beat, what is said of it, the strip below.
import { actions, listen } from "./gestures.js";
import { clock, meaning, number, percent, t } from "./language.js";
import { Overview } from "./overview.js";
import { Paper } from "./paper.js";

const get = (id) => document.getElementById(id);

export class Sheet {
  constructor() {
    this.paper = new Paper(get("trace"), () => { this.overview.draw(); this.sayScale(); this.note(this.noted); });
    this.overview = new Overview(get("overview"), this.paper);
    this.noted = -1;
    const does = actions(this.paper, (by) => this.step(by));
    for (const button of document.querySelectorAll("[data-do]")) button.addEventListener("click", () => does[button.dataset.do]());
    const pointed = (x) => this.note(x < 0 || !this.paper.view ? this.paper.selected : this.paper.beatAt(x));
    listen(this.paper, does, pointed, (x) => this.choose(this.paper.beatAt(x), false));
  }

  show(view) {
    this.noted = -1;
    this.paper.show(view);
    get("said").textContent = "";
  }

  step(by) {
    const { beats } = this.paper.view;
    const from = this.paper.selected < 0 ? this.firstSeen() - (by > 0) : this.paper.selected;
    if (beats.length) this.choose(Math.max(0, Math.min(beats.length - 1, from + by)));
  }

  firstSeen() {
    const { view, start } = this.paper;
    return Math.max(0, view.beats.findIndex((beat) => beat.sample >= start * view.rate));
  }

  choose(index, follow = true) {
    this.noted = index;
    this.paper.select(index, follow);
    this.say();
  }

  // What a screen reader hears of the chosen beat.
  say() {
    const { view, selected } = this.paper;
    const beat = view?.beats[selected];
    if (!beat) return;
    const place = view.hasRows ? t("atRow", { number: number(selected + 1) }) : t("atTime", { time: clock(beat.sample / view.rate, 2) });
    const told = { what: t(view.hasRows ? "row" : "beat"), number: number(selected + 1), all: number(view.beats.length), time: place };
    get("said").textContent = t("beatSaid", { ...told, name: this.named(beat), probability: percent(beat.probability) });
  }

  named(beat) {
    return `${beat.name}, ${meaning(beat.name, this.paper.view.classes)}`;
  }

  // The note beside a beat.
  note(index) {
    this.noted = index;
    const tip = get("tip");
    const beat = this.paper.view?.beats[index];
    const x = beat ? this.paper.x(beat.sample) : -1;
    tip.hidden = !beat || x < 0 || x > this.paper.width;
    if (tip.hidden) return;
    tip.textContent = `${this.named(beat)}: ${percent(beat.probability)}`;
    tip.style.left = `${Math.max(0, Math.min(x + 14, this.paper.width - tip.offsetWidth - 4))}px`;
  }

  sayScale() {
    const { paper } = this;
    const speed = number(paper.pxPerS / paper.pxAMm, 1);
    const gain = number(paper.pxPerMv / paper.pxAMm, 1);
    const isClose = paper.pxPerS * 0.04 >= 3 && paper.pxPerMv * 0.1 >= 3;
    get("scale").textContent = paper.hasSquares ? t(isClose ? "scale" : "scaleFar", { speed, gain }) : t("scaleUnknown");
  }
}
