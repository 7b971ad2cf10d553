// Two nodes as processes in the folders ne and ng, and callers of their
// operator API.
"use strict";
const childProcess = require("child_process");
const fs = require("fs");
const net = require("net");
const path = require("path");
const client = path.join(__dirname, "..", "client", "node_modules");
const grpc = require(path.join(client, "@grpc/grpc-js"));
const loader = require(path.join(client, "@grpc/proto-loader"));

const kServices = ["admin", "case", "consent", "referral", "referral_step"];
const kPatience = 60000; // for one call
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// One node: a process that is started, killed and started again.
class NodeProcess {
  constructor(directory, api) {
    this.directory = directory;
    this.code = directory.toUpperCase();
    this.api = api;
    const config = fs.readFileSync(path.join(directory, "comityd.conf"), "utf8");
    this.address = /^operator_address: "(.*)"$/m.exec(config)[1];
    this.clients = new Map();
    this.child = null;
  }

  async start() {
    const log = fs.openSync(`${this.directory}.log`, "a");
    this.child = childProcess.spawn("comityd", ["--dir", this.directory],
      { stdio: ["ignore", log, log] });
    fs.closeSync(log);
    this.ended = new Promise((resolve) => { this.child.once("exit", resolve); });
    const [host, port] = this.address.split(":");
    for (let i = 0; i < 2000; ++i) {
      if (await connects(host, Number(port))) return;
      await sleep(5);
    }
    throw new Error(`${this.directory} does not serve; see its log`);
  }

  async end(signal) {
    this.child.kill(signal);
    await this.ended;
    for (const each of this.clients.values()) each.close();
    this.clients.clear();
  }
  kill() { return this.end("SIGKILL"); }

  client(person, service) {
    const key = `${person} ${service}`;
    if (!this.clients.has(key)) {
      const read = (name) =>
        fs.readFileSync(path.join(this.directory, "operators", person, name));
      const credentials = grpc.credentials.createSsl(
        read("anchors.pem"), read("key.pem"), read("certificate.pem"),
        { checkServerIdentity: () => undefined });
      this.clients.set(key, new this.api[service](this.address, credentials,
        { "grpc.initial_reconnect_backoff_ms": 50, "grpc.max_reconnect_backoff_ms": 200 }));
    }
    return this.clients.get(key);
  }

  call(person, service, method, request) {
    return new Promise((resolve, reject) => {
      this.client(person, service)[method](request, { deadline: Date.now() + 5000 },
        (error, response) => { if (error) reject(error); else resolve(response); });
    });
  }
}

function connects(host, port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, host);
    socket.once("connect", () => { socket.destroy(); resolve(true); });
    socket.once("error", () => resolve(false));
  });
}

// What the node may not have heard, or may have done without saying so.
function isSilence(error) {
  return [grpc.status.UNAVAILABLE, grpc.status.DEADLINE_EXCEEDED,
    grpc.status.CANCELLED].includes(error.code);
}

// What may become possible when the other side's events arrive.
function mayComeYet(error) {
  return [grpc.status.FAILED_PRECONDITION, grpc.status.NOT_FOUND].includes(error.code);
}

// For ever out of place: the referral is over.
function isTooLate(error) {
  return /\b(DECLINED|CLOSED|WITHDRAWN|CANCELLED|EXPIRED)\b|withdrawn already|nothing to withdraw/
    .test(error.details);
}

class Pair {
  constructor(protos) {
    const definition = loader.loadSync(
      kServices.map((name) => `comity/operators/v1/${name}_service.proto`),
      { includeDirs: [protos], keepCase: true, longs: String, enums: String, defaults: true });
    const api = grpc.loadPackageDefinition(definition).comity.operators.v1;
    this.ne = new NodeProcess("ne", api);
    this.ng = new NodeProcess("ng", api);
  }

  // Calls until there is an answer, with the same id. With less patience than
  // usual, what does not come is too late.
  async insist(node, person, service, method, request, patience = kPatience) {
    const limit = Date.now() + patience;
    while (true) {
      try {
        return await node.call(person, service, method, request);
      } catch (error) {
        if (error.code === undefined) throw error;
        const late = Date.now() > limit && patience < kPatience;
        if (mayComeYet(error) && (late || isTooLate(error))) {
          error.tooLate = true;
          throw error;
        }
        if ((!isSilence(error) && !mayComeYet(error)) ||
            Date.now() > limit + kPatience - patience) {
          error.message += ` (${method} at ${node.code})`;
          throw error;
        }
      }
      await sleep(10);
    }
  }

  // All of a list, page by page.
  async list(node, person, service, method, field, request = {}) {
    const all = [];
    let page_token = "";
    do {
      const response = await this.insist(node, person, service, method,
        { page_size: 500, page_token, ...request });
      all.push(...response[field]);
      page_token = response.next_page_token;
    } while (page_token !== "");
    return all;
  }

  // Until both outboxes are empty.
  async settle() {
    const limit = Date.now() + kPatience;
    while (true) {
      const waiting = [];
      for (const node of [this.ne, this.ng]) {
        const referrals = await this.list(node, "coord", "ReferralService", "ListReferrals", "referrals");
        for (const each of referrals) if (each.undelivered_events > 0) waiting.push({ node, ...each });
      }
      if (waiting.length === 0) return;
      if (Date.now() > limit) {
        throw new Error(`events wait for ever:\n${(await this.describe(waiting)).join("\n")}`);
      }
      await sleep(100);
    }
  }

  // Of each referral what both sides know of it.
  async describe(waiting) {
    const lines = [];
    for (const each of waiting) {
      for (const node of [this.ne, this.ng]) {
        const line = await this.insist(node, "coord", "ReferralService", "GetReferral",
          { referral_id: each.referral_id }, 0)
          .then(({ referral, history }) => `${referral.state}, ${history.map((event) =>
            `${event.author} ${event.kind}${event.delivered_at === null ? " (waits)" : ""}`).join(", ")}`)
          .catch((error) => error.details);
        lines.push(`${each.referral_id} of ${each.node.code} at ${node.code}: ${line}`);
      }
    }
    return lines;
  }

  async stop() {
    await Promise.all([this.ne.end("SIGTERM"), this.ng.end("SIGTERM")]);
  }
  stopNow() {
    for (const node of [this.ne, this.ng]) {
      if (node.child !== null) node.child.kill("SIGKILL");
    }
  }
}

module.exports = { Pair, sleep };
