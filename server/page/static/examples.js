// Built-in examples, sums of Gaussian waves: the same each time, and nobody's.
// Of each wave the height in mV, then its place after the R peak and its width in ms.
const NORMAL = [[0.15, -165, 22], [-0.12, -30, 8], [1.1, 0, 10], [-0.25, 30, 9], [0.32, 250, 48]];
const EARLY = [[-0.1, -115, 16], ...NORMAL.slice(1)];
const VENTRICULAR = [[0.02, -165, 22], [-0.15, -70, 20], [1.35, 0, 30], [-0.6, 85, 34], [-0.42, 290, 60]];
const PACED = [[0.7, -55, 3], [0.2, -40, 14], [-0.95, 0, 34], [-0.35, 60, 30], [0.45, 285, 62]];
const FUSION = NORMAL.map((wave, i) => wave.map((value, j) => (value + VENTRICULAR[i][j]) / 2));
const USUAL_WINDOW = { before_r_ms: 250, after_r_ms: 450 };
// Beats, and how long it is to the next, in ms.
const RHYTHM = [[NORMAL, 820], [NORMAL, 831], [NORMAL, 540], [EARLY, 1022], [NORMAL, 812], [NORMAL, 537], [VENTRICULAR, 1030], [NORMAL, 825], [NORMAL, 817]];
const RATE_HZ = 250;
const SECONDS = 60;

function sum(waves, ms) {
  return waves.reduce((mv, [height, place, width]) => mv + height * Math.exp(-0.5 * ((ms - place) / width) ** 2), 0);
}

function noise(i) {
  return 0.02 * Math.sin(i * i);
}

// Six rows of numbers, as long as the model's, over the window that it says, or over a usual one.
export function rows({ features, window }) {
  const { before_r_ms: before, after_r_ms: after } = window ?? USUAL_WINDOW;
  const row = (waves) => features.map((_, i) => (sum(waves, (i * (before + after)) / features.length - before) + noise(i)).toFixed(4)).map(Number);
  return [NORMAL, EARLY, VENTRICULAR, FUSION, PACED, NORMAL].map(row);
}

// A minute of one lead: Float32Array in mV, and its rate in Hz.
export function recording() {
  const values = Float32Array.from({ length: SECONDS * RATE_HZ }, (_, i) => noise(i) + 0.08 * Math.sin(i / 130));
  for (let at = 600, beat = 0; at < 1000 * SECONDS - 400; beat++) {
    const [waves, next] = RHYTHM[beat % RHYTHM.length];
    const first = Math.floor(((at - 400) * RATE_HZ) / 1000);
    for (let i = first; i < first + RATE_HZ; i++) values[i] += sum(waves, (i * 1000) / RATE_HZ - at);
    at += next;
  }
  return [values, RATE_HZ];
}
