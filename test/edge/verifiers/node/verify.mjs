// Verifies tokens with libraries for Node.js. It reads one question a line and
// writes one answer a line, both in JSON; main_test.go knows their members.

import { createInterface } from "node:readline";
import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto; // Node.js 18

const { verifiers } = await import("./verifiers.mjs");
const made = new Map();

// verifierOf returns the verifier of a question. It keeps its key set, as in a server.
function verifierOf({ verifier, token, ...settings }) {
  const name = JSON.stringify([verifier, settings]);
  if (!made.has(name)) {
    made.set(name, verifiers[verifier](settings));
  }
  return made.get(name);
}

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  let answer;
  try {
    const claims = await verifierOf(question)(question.token);
    answer = { subject: claims.sub };
  } catch (error) {
    answer = { refused: `${error.code ?? error.name}: ${error.message} ${error.cause?.message ?? ""}` };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
