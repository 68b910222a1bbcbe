// Built-in examples, sums of Gaussian waves: the same each time, and nobody's.
const NORMAL = [[0.15, -165, 22], [-0.12, -30, 8], [1.1, 0, 10], [-0.25, 30, 9], [0.32, 250, 48]];
const EARLY = [[-0.1, -115, 16], ...NORMAL.slice(1)];
const VENTRICULAR = [[0.02, -165, 22], [-0.15, -70, 20], [1.35, 0, 30], [-0.6, 85, 34], [-0.42, 290, 60]];
const PACED = [[0.7, -55, 3], [0.2, -40, 14], [-0.95, 0, 34], [-0.35, 60, 30], [0.45, 285, 62]];
const FUSION = NORMAL.map((wave, i) => wave.map((value, j) => (value + VENTRICULAR[i][j]) / 2));
const BEFORE_MS = 250;
const AFTER_MS = 450;
const RATE_HZ = 250;
const SECONDS = 60;
const RHYTHM = [NORMAL, NORMAL, NORMAL, EARLY, NORMAL, NORMAL, VENTRICULAR, NORMAL, NORMAL];

function sum(waves, ms) {
  return waves.reduce((mv, [height, centre, width]) => mv + height * Math.exp(-0.5 * ((ms - centre) / width) ** 2), 0);
}

// Numbers from 0 to 1 that look random and are the same each time.
function seeded(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

// A CSV of six rows, as long as the model's, over the window that it says, or over a usual one.
export function rows(contract) {
  const { before_r_ms: before, after_r_ms: after } = contract.window ?? { before_r_ms: BEFORE_MS, after_r_ms: AFTER_MS };
  const n = contract.features.length;
  const noise = seeded(3);
  return [NORMAL, EARLY, VENTRICULAR, FUSION, PACED, NORMAL].map((waves) =>
    Array.from({ length: n }, (_, i) => {
      const ms = (i * (before + after)) / n - before;
      const usual = sum(NORMAL, ms + 850) + sum(NORMAL, ms - 850);
      return (sum(waves, ms) + usual + 0.04 * (noise() - 0.5)).toFixed(4);
    }).join()).join("\n");
}

// A minute of one lead: Float32Array in mV and its rate in Hz.
export function recording() {
  const random = seeded(7);
  const values = Float32Array.from({ length: SECONDS * RATE_HZ }, (_, i) => 0.04 * (random() - 0.5) + 0.08 * Math.sin(i / 130));
  for (let at = 600, beat = 0; at < 1000 * SECONDS - 400; beat++) {
    const waves = RHYTHM[beat % RHYTHM.length];
    const first = Math.max(0, Math.floor(((at - 400) * RATE_HZ) / 1000));
    for (let i = first; i < Math.min(values.length, first + RATE_HZ); i++) values[i] += sum(waves, (i * 1000) / RATE_HZ - at);
    const next = RHYTHM[(beat + 1) % RHYTHM.length];
    at += 820 * (1 + 0.03 * (random() - 0.5)) * (next !== NORMAL ? 0.66 : waves !== NORMAL ? 1.25 : 1);
  }
  return { values, rate: RATE_HZ };
}
