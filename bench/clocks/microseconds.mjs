// A row, over batches of so many numbers each, n of them a row, again and again for so many seconds.
export async function microseconds(answer, values, size, n, seconds) {
  const batches = [];
  for (let start = 0; start < values.length; start += size) batches.push(values.slice(start, start + size));
  for (const batch of batches.slice(0, 3)) await answer(batch, size / n);
  const began = performance.now();
  let rows = 0;
  for (let turn = 0; performance.now() - began < seconds * 1000 || turn < 2; turn++) {
    await answer(batches[turn % batches.length], size / n);
    rows += size / n;
  }
  return (performance.now() - began) / rows * 1000;
}
