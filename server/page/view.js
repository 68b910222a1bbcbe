// What is drawn: one signal with its beats, be it a recording or rows one after the other.
const BETWEEN = 0.15; // of a row is left free before the next
const NEAR_S = 0.35; // A beat is pointed at from no further away.

export function ofRecording(values, rate, answer, classes) {
  const beats = answer.beats.map((beat) => ({ ...beat, name: beat.class, reach: NEAR_S * rate }));
  return { values, rate, beats, classes, hasRows: false, hasTime: true, isMillivolts: true };
}

// Rows whose rate the model does not say are drawn as if each took a second, without squares.
export function ofRows(rows, predictions, contract) {
  const n = rows[0].length;
  const step = n + Math.ceil(BETWEEN * n);
  const rate = contract.sampling_rate_hz ?? n;
  const peak = contract.window ? Math.round((contract.window.before_r_ms / 1000) * rate) : n >> 1;
  const values = new Float32Array(rows.length * step).fill(NaN);
  rows.forEach((row, i) => values.set(row, i * step));
  const beats = predictions.map((one, i) => ({ ...one, sample: i * step + peak, name: contract.classes[one.predicted_class], reach: n / 2 }));
  return { values, rate, beats, classes: contract.classes, hasRows: true, hasTime: contract.sampling_rate_hz !== null, isMillivolts: contract.unit === "mV" };
}
