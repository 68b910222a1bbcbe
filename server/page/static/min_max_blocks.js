// Lowest and highest of a stretch; of a long one, of its blocks.
const BLOCK = 64; // samples

export function minMaxBlocks(values) {
	const blocks = Array.from({length: Math.ceil(values.length / BLOCK)}, (_, i) => extremes(values, values, i * BLOCK, (i + 1) * BLOCK));
	const [low, high] = [0, 1].map(side => blocks.map(pair => pair[side]));
	return (from, to) => to - from < 2 * BLOCK ? extremes(values, values, from, to) : extremes(low, high, from / BLOCK, to / BLOCK);
}

// [lowest, highest]; lowest > highest if nothing is there.
function extremes(low, high, from, to) {
	let [lowest, highest] = [Infinity, -Infinity];
	const last = Math.min(low.length, Math.ceil(to));
	for (let i = Math.max(0, Math.floor(from)); i < last; i++) {
		if (low[i] < lowest) lowest = low[i];
		if (high[i] > highest) highest = high[i];
	}
	return [lowest, highest];
}
