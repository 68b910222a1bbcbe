// What is drawn: a recording, or rows one after the other, with what is said of them.
const BETWEEN = 0.15; // of a row is left free before the next
const NEAR_S = 0.35; // A beat is pointed at from no further away.

// A stretch is an episode of a rhythm or, without one, unreadable; a model of schema 1 tells none.
export function recordingChart(values, rate, { beats, rhythm = [], unreadable = [] }, { classes, rhythms = [] }) {
	const stretches = [...rhythm, ...unreadable].sort((one, other) => one.start_s - other.start_s);
	return { values, rate, beats, classes, rhythms, stretches, reach: NEAR_S * rate, hasRows: false, isToScale: true };
}

// Rows of an unknown rate are drawn as if each took a second, without squares.
export function rowsChart(rows, { predictions }, { classes, unit, window, sampling_rate_hz: known }) {
	const n = rows[0].length;
	const step = n + Math.ceil(BETWEEN * n);
	const rate = known ?? n;
	const peak = window ? Math.round((window.before_r_ms * rate) / 1000) : n >> 1;
	const values = new Float32Array(rows.length * step).fill(NaN);
	rows.forEach((row, i) => values.set(row, i * step));
	const beats = predictions.map((one, i) => ({ ...one, sample: i * step + peak, class: classes[one.predicted_class] }));
	return { values, rate, beats, classes, stretches: [], reach: n / 2, hasRows: true, isToScale: known !== null && unit === "mV" };
}
