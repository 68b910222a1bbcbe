// A signal that is sent as it comes, and rolls by with the names of its beats.
import {get, say, terms} from "./answer_view.js";
import {recordingChart} from "./chart_data.js";
import {clock, meaning, number, stretchName, t} from "./language.js";

const PACKET_MS = 100;
const PACKET = 500; // samples at most: ten seconds at 50 Hz
const MOST_BYTES = 2 ** 28; // of float32: days
const NEWEST = 50; // beats
const FITTED_S = 10; // that the paper is fitted to
const BEHIND_S = 1.5; // at most
const RATE_BEATS = 8;

// A source: `hear` gets samples at their pace, then `end` is called; gives what stops it.
export function played({values, rate}) {
	return (hear, end) => {
		const began = Date.now();
		let sent = 0;
		const timer = setInterval(() => {
			const due = (Date.now() - began) * rate / 1000;
			hear(values.subarray(sent, due));
			sent = due;
			if (sent >= values.length) end();
		}, PACKET_MS);
		return () => clearInterval(timer);
	};
}

export class LiveStream {
	values = new Float32Array(new ArrayBuffer(0, {maxByteLength: MOST_BYTES})); // mV, NaN where nothing came
	sent = 0; // of them
	last = 0; // sent again for NaN
	newest = []; // beats

	// Gives the server’s reason to end.
	async run(socket) {
		this.socket = socket;
		socket.onopen = () => this.send();
		socket.onmessage = ({data}) => this.learn(JSON.parse(data));
		const {reason} = await new Promise(resolve => { socket.onclose = resolve; });
		this.isOver = true;
		this.stop();
		return reason;
	}

	hear(samples) {
		const {values, values: {length}} = this;
		values.buffer.resize(4 * (length + samples.length));
		values.set(samples, length);
		this.send();
	}

	send() {
		const {socket, values} = this;
		if (socket?.readyState !== WebSocket.OPEN) return;
		while (this.sent < values.length) {
			const packet = values.slice(this.sent, this.sent + PACKET);
			socket.send(packet.map(value => (this.last = Number.isNaN(value) ? this.last : value)));
			this.sent += packet.length;
		}
		if (this.isOver) socket.send('{"end":true}');
	}

	abort() {
		if (this.isOver) return;
		this.isOver = true;
		this.stop?.();
		this.send();
	}

	// Beats that became final, and all that are not.
	learn({beats = [], ...more}) {
		this.newest = [...this.newest.filter(beat => beat.final), ...beats].slice(-NEWEST);
		Object.assign(this, more); // rhythm, readable, in the end summary
	}

	// On a paper, until it is over.
	roll(rate, paper, contract) {
		const {values} = this;
		const view = recordingChart(values, rate, {beats: []}, contract);
		let [seen, second, before] = [0, 0, performance.now()];
		paper.show(view);
		paper.selected = -1;
		const draw = now => {
			if (this.isOver) return;
			const heard = values.length / rate;
			seen = Math.min(heard, Math.max(heard - BEHIND_S, seen + (now - before) / 1000));
			before = now;
			view.beats = this.newest;
			if (seen > second) {
				second = Math.ceil(seen);
				paper.fit(values.slice(-FITTED_S * rate));
				this.tell(seen, view);
			}
			paper.seconds = seen;
			paper.moveTo(seen);
			requestAnimationFrame(draw);
		};
		draw(before);
	}

	// To who hears the page: rhythm, the last beat of another class than the first.
	tell(seen, {classes}) {
		const {newest, rhythm, readable} = this;
		const last = newest.slice(-RATE_BEATS);
		const rate = 60 * (last.length - 1) / (last.at(-1)?.time_s - last[0]?.time_s);
		const words = readable === false || rhythm ? stretchName({rhythm}) : "";
		get("facts").replaceChildren(...terms([
			[t("duration_s"), clock(seen)], [t("heart_rate"), rate > 0 && `${number(rate)} bpm`], [t("rhythm"), words],
		]));
		const other = newest.findLast(beat => beat.final && beat.predicted_class);
		say("announcement", other ? `${words}; ${clock(other.time_s)}: ${meaning(other.class, classes)}` : words);
	}
}
