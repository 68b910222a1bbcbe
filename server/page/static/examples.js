// Built-in examples, sums of Gaussian waves, nobody's.
// Height in mV, place after the R peak and width in ms.
const NORMAL = [[0.15, -165, 22], [-0.12, -30, 8], [1.1, 0, 10], [-0.25, 30, 9], [0.32, 250, 48]];
const EARLY = [[-0.1, -115, 16], ...NORMAL.slice(1)];
const VENTRICULAR = [[0.02, -165, 22], [-0.15, -70, 20], [1.35, 0, 30], [-0.6, 85, 34], [-0.42, 290, 60]];
const RHYTHM = [NORMAL, NORMAL, NORMAL, EARLY, NORMAL, VENTRICULAR];
const USUAL_MS = 820; // from beat to beat
const EARLIER_MS = 280;
const RATE_HZ = 250;
const SECONDS = 60;

const sum = (waves, ms) => waves.reduce((mv, [height, place, width]) => mv + height * Math.exp(-0.5 * ((ms - place) / width) ** 2), 0);

// Six rows over the model’s window or a usual one.
export function rows({features: {length}, window}) {
	const {before_r_ms: before, after_r_ms: after} = window ?? {before_r_ms: 250, after_r_ms: 450};
	const value = (waves, i) => sum(waves, i * (before + after) / length - before);
	return RHYTHM.map(waves => Array.from({length}, (_, i) => value(waves, i)));
}

// A minute of one lead: its rate in Hz, and Float32Array in mV.
export function recording() {
	const values = new Float32Array(SECONDS * RATE_HZ);
	for (let beat = 1; beat < 1000 * SECONDS / USUAL_MS - 1; beat++) {
		const waves = RHYTHM[beat % RHYTHM.length];
		const peak = beat * USUAL_MS - (waves === NORMAL ? 0 : EARLIER_MS);
		values.forEach((_, i) => { values[i] += sum(waves, 1000 * i / RATE_HZ - peak); });
	}
	return {rate: RATE_HZ, values};
}
