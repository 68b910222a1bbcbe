// What is drawn: a recording, or rows one after the other.
const BETWEEN = 0.15; // of a row before the next
const NEAR_S = 0.35; // from a beat to a pointer

// A stretch is of a rhythm or unreadable; schema 1 tells none.
export function recordingChart(values, rate, {beats, rhythm = [], unreadable = []}, {classes, rhythms = []}) {
	const stretches = [...rhythm, ...unreadable].sort((one, other) => one.start_s - other.start_s);
	return {values, rate, beats, classes, rhythms, stretches, reach: NEAR_S * rate, isToScale: true};
}

// Rows of an unknown rate take a second each, without squares.
export function rowsChart(rows, {predictions}, {classes, unit, window, sampling_rate_hz: known}) {
	const n = rows[0].length;
	const step = n + Math.ceil(BETWEEN * n);
	const rate = known ?? n;
	const peak = window ? Math.round(window.before_r_ms * rate / 1000) : n >> 1;
	const values = new Float32Array(rows.length * step).fill(NaN);
	rows.forEach((row, i) => values.set(row, i * step));
	const beats = predictions.map((one, i) => ({...one, sample: i * step + peak, class: classes[one.predicted_class]}));
	return {values, rate, beats, classes, stretches: [], reach: n / 2, hasRows: true, isToScale: known !== null && unit === "mV"};
}
