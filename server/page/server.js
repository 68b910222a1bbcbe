// Questions to this server, and to no other; with a key, if one was given.
import { Told } from "./language.js";

export class Server {
  key = "";

  // {text, json, file, version, ms}: what was answered, by which model, and how long the server took, if it says.
  async ask(path, options = {}) {
    const headers = { ...options.headers, ...(this.key ? { Authorization: `Bearer ${this.key}` } : {}) };
    let response;
    try {
      response = await fetch(path, { ...options, headers, credentials: "omit" });
    } catch {
      throw new Told("unreachable");
    }
    if (!response.ok) throw new Refused(await response.text(), response.status);
    const took = /dur=([\d.]+)/.exec(response.headers.get("Server-Timing") ?? "");
    return { response, version: response.headers.get("Model-Version"), ms: took ? +took[1] : null };
  }

  async json(path, options) {
    const { response, ...rest } = await this.ask(path, options);
    const text = await response.text();
    return { ...rest, text, answer: JSON.parse(text) };
  }

  predict(rows) {
    return this.json("predict", { method: "POST", headers: { "Content-Type": "text/csv" }, body: rows });
  }

  annotate(values, rate) {
    const headers = { "Content-Type": "application/octet-stream", "Sampling-Rate": `${rate}` };
    return this.json("annotate", { method: "POST", headers, body: values });
  }

  // All that a model says about itself, {contract}, or {refused} why it is not here.
  async about(name) {
    try {
      return { name, contract: (await this.json(`v2/models/${name}`)).answer.ecg };
    } catch (refused) {
      return { name, refused };
    }
  }

  async file(path) {
    return (await this.ask(path)).response.arrayBuffer();
  }
}

// The server's own sentence, as it says it.
export class Refused extends Error {
  constructor(body, status) {
    super(body);
    this.status = status;
    try {
      this.sentence = JSON.parse(body).error;
    } catch {
      this.sentence = body;
    }
  }

  say() {
    return this.sentence;
  }
}
