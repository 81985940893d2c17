// Starts the built service for one test, with caught mails, and speaks to its API
// without a cookie jar.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const program = process.env.AUTH_SERVICE;

// Service is one running process with a database of its own.
export class Service {
  // start starts the service with more variables of the environment, which may depend on
  // its port.
  static async start(variables) {
    const folder = await mkdtemp(join(tmpdir(), "auth-browser-"));
    const port = await freePort();
    const child = spawn(program, [], { cwd: folder, env: { BCRYPT_COST: "10", PORT: String(port), ...(typeof variables === "function" ? variables(port) : variables) } });
    const service = new Service(folder, child);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data) => { service.output += data; });
    }
    service.mailbox = (await service.until("the address of the mailbox", () => service.output.match(/(http:\/\/(?:localhost|127\.0\.0\.1):\d+\/\S+mailbox\?key=\S+)/)))[1];
    service.origin = new URL(service.mailbox).origin;
    await service.until("a ready service", async () => (await fetch(`${service.origin}/readyz`).catch(() => null))?.ok);
    return service;
  }

  constructor(folder, child) {
    this.folder = folder;
    this.child = child;
    this.output = "";
    this.ended = new Promise((resolve) => { child.on("exit", resolve); });
  }

  async stop() {
    this.child.kill("SIGTERM");
    await this.ended;
    await rm(this.folder, { recursive: true });
  }

  // command runs the program beside the service, with the same database. It fails if the
  // program does.
  async command(args, input) {
    const child = spawn(program, args, { cwd: this.folder, env: { BCRYPT_COST: "10" }, stdio: ["pipe", "ignore", "inherit"] });
    child.stdin.end(input);
    const code = await new Promise((resolve) => { child.on("exit", resolve); });
    if (code !== 0) {
      throw new Error(`${args.join(" ")} ended with ${code}`);
    }
  }

  // post sends JSON to the API.
  async post(path, body, token) {
    const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
    const response = await fetch(`${this.origin}/api/auth${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  }

  // link waits for the link of the newest mail of a kind.
  async link(kind) {
    return this.until(`a mail of kind ${kind}`, async () => {
      const response = await fetch(this.mailbox, { headers: { Accept: "application/json" } });
      return (await response.json()).mails.find((mail) => mail.kind === kind)?.link;
    });
  }

  // until waits at most 20 seconds until get returns something.
  async until(what, get) {
    for (const end = Date.now() + 20_000; Date.now() < end; await pause(50)) {
      const got = await get();
      if (got) {
        return got;
      }
    }
    throw new Error(`waiting for ${what}:\n${this.output}`);
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
