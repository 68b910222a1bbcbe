// node clock.mjs PROGRAM ROWS.f32 N SECONDS ARGUMENT…: microseconds a row that a program of embed/ takes, alone and of all.
import { readFileSync } from "node:fs";
import { microseconds } from "./microseconds.mjs";

const [program, path, n, seconds, ...rest] = process.argv.slice(2);
const { load } = await import(program);
const [, answer] = await load(...rest);
const bytes = readFileSync(path);
const rows = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
console.log(await microseconds(answer, rows, +n, +n, +seconds), await microseconds(answer, rows, rows.length, +n, +seconds));
