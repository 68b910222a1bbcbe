// Annotate a signal as it comes with onnxruntime-node: node live.mjs signal.csv 250 beats.onnx about.json
// The file is played second by second. Printed: sample, class, probability of each beat, once it is final.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { load } from "./annotate.mjs";

// What to call with each second of a signal in mV, at a whole number of Hz: it returns beats that are final, and others.
// A beat is its sample, the number of its class, its probability. With each call the others are said anew.
export function listen(answer, rate) {
  let [kept, first, border, last] = [new Float32Array(0), 0, 0, -Infinity];
  return async (samples, isEnd = false) => {
    kept = Float32Array.of(...kept, ...samples);
    const heard = (first + kept.length) / rate;
    const { sample, predicted_class, probability } = await answer(kept, rate);
    const beats = Array.from(sample, (at, i) => [first + at, predicted_class[i], probability[i]])
      .filter(([at]) => at > Math.max(last + 4, border * rate - 3));
    if (isEnd || heard - 8 >= border + 2) // Eight seconds later no name changes; a run that sees far back is for two.
      border = isEnd ? Math.ceil(heard) : Math.floor(heard - 8);
    const final = beats.filter(([at]) => at < border * rate);
    last = final.at(-1)?.[0] ?? last;
    const forgotten = Math.max(0, (border - 20) * rate - first); // Before twenty seconds back hardly anything matters.
    [kept, first] = [kept.slice(forgotten), first + forgotten];
    return [final, beats.slice(final.length)];
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [{ classes }, answer] = await load(...process.argv.slice(4));
  const [values, rate] = [Float32Array.from(readFileSync(process.argv[2], "utf8").trim().split("\n")), Number(process.argv[3])];
  const push = listen(answer, rate);
  for (let start = 0; start < values.length; start += rate) {
    const [final] = await push(values.subarray(start, start + rate), start + rate >= values.length);
    for (const [sample, number, probability] of final) console.log([sample, classes[number], probability].join());
  }
}
