// Starts both nodes of a pair, lets people take referrals through their steps,
// kills either node at random points, and compares what both sides say at the
// end. A call that ends without an answer is made again with the same id.
"use strict";
const crypto = require("crypto");
const { Pair, sleep } = require("./pair.js");
const { compare } = require("./ledger.js");

const [protos, kills, seed] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const kWorkers = 4;
// A kill takes half a second at most, and the end a minute.
const kLimit = 60000 + kills * 1500;

// The same numbers for the same seed (mulberry32).
let state = seed >>> 0;
function random() {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const below = (limit) => Math.floor(random() * limit);
const seconds = (offset) => ({ seconds: String(Math.floor(Date.now() / 1000) + offset) });
const kDay = 86400;

const pair = new Pair(protos);
const written = new Map(); // event id: participant
let stopping = false;
let stories = 0;

// One call with an id of its own, until it is answered; now and then once more.
async function ask(node, service, method, request, person = "coord", patience = undefined) {
  const full = { request_id: crypto.randomUUID(), ...request };
  const response = await pair.insist(node, person, service, method, full, patience);
  if (below(8) === 0) {
    const again = await pair.insist(node, person, service, method, full);
    if (JSON.stringify(again) !== JSON.stringify(response)) {
      throw new Error(`${method} ${full.request_id} was answered in two ways`);
    }
  }
  return { response, id: full.request_id };
}

async function step(node, service, method, request, patience) {
  const { id } = await ask(node, service, method, request, "coord", patience);
  written.set(id, node.code);
}

// Steps by side, service and request, in the order in which they may be taken.
function stepsOf(referral_id) {
  const take = (node, method, request = {}) =>
    () => step(node, "ReferralStepService", method, { referral_id, ...request });
  const decide = (node, method, request = {}) =>
    () => step(node, "ReferralService", method, { referral_id, ...request });
  const { ne, ng } = pair;
  return [
    decide(ne, "SendReferral"),
    take(ng, "RequestInfo", { groups: ["RECORD_GROUP_NEEDS"] }),
    take(ne, "AnswerInfo"),
    decide(ng, "AcceptReferral", { services_offered: ["Health"], reception: "SHELTER" }),
    take(ng, "ProposePlan", { actions: [{ service: "Health", owner: "NG" }] }),
    take(ne, "AcceptPlan", { version: 1 }),
    take(ne, "RecordPlanAnswer", { version: 1, agrees: true, follow_up: true }),
    take(ne, "ScheduleReturn", { schedule: {
      departs_at: seconds(4 * kDay), arrives_at: seconds(5 * kDay),
      reconfirmed_at: seconds(-3600), risk_assessed_at: seconds(-7200) } }),
    take(ne, "ConfirmDeparture"),
    take(ng, "ConfirmArrival", { handover: { arrived_at: seconds(-60) } }),
    take(ng, "BeginAssistance"),
    take(ng, "ReportFollowUp", { report: { status: "FOLLOW_UP_STATUS_WELL" } }),
    take(ng, "CloseReferral", { outcome: "INCLUDED" }),
  ];
}

async function draft(name) {
  const { ne } = pair;
  await ask(ne, "CaseService", "CreateCase", {
    record: { x_local_reference: name, cas_status: "Active", x_age_class: "Adult" },
    screening: { never_share_with: ["TG"] } });
  await ask(ne, "CaseService", "RecordConsent", { case_id: name, consent: {
    recipient: "NG", purpose: "SAFE_RETURN", state: "GIVEN", language: "ha",
    groups: ["RECORD_GROUP_CASE_REF", "RECORD_GROUP_STATUS", "RECORD_GROUP_NEEDS"],
    withdrawal_channel: "SHELTER" } });
  const drafted = await ask(ne, "ReferralService", "CreateReferral",
    { case_id: name, receiver: "NG", purpose: "SAFE_RETURN" });
  const referral_id = drafted.response.referral.referral_id;
  await ask(ne, "ReferralStepService", "ClearReferral",
    { referral_id, risk: "LOW", reflection_waived: true }, "second");
  return referral_id;
}

// How a referral ends that does not come to its last step: both sides may write
// at once, and either may come too late; what was withdrawn before it arrived is
// never found on the other side.
async function end(referral_id) {
  const { ne, ng } = pair;
  const kSoon = 4000;
  const withdraw = (node) => ask(node, "ConsentService", "WithdrawReferral",
    { referral_id, channel: "SHELTER" }, "coord", kSoon);
  const ends = [
    () => step(ne, "ReferralStepService", "CancelReferral", { referral_id, reason: "PERSON_DECIDED" }, kSoon),
    () => step(ng, "ReferralService", "DeclineReferral", { referral_id, reason: "NO_CAPACITY" }, kSoon),
    () => withdraw(ne),
    () => withdraw(ng),
  ];
  const chosen = [below(ends.length), below(ends.length)];
  const outcomes = await Promise.allSettled(chosen.map((i) => ends[i]()));
  for (const each of outcomes) {
    if (each.status === "rejected" && !each.reason.tooLate) throw each.reason;
  }
}

async function work(worker) {
  for (let i = 0; !stopping; ++i) {
    const referral_id = await draft(`W${worker}-${i}`);
    const steps = stepsOf(referral_id);
    const length = below(3) === 0 ? 1 + below(9) : steps.length;
    for (const each of steps.slice(0, length)) await each();
    if (length < steps.length) await end(referral_id);
    ++stories;
  }
}

// Mostly soon after the node is back, sometimes after it has done a lot.
function delay() {
  const kind = below(10);
  if (kind < 5) return below(60);
  return kind < 9 ? below(400) : below(1500);
}

async function killAll() {
  for (let i = 0; i < kills; ++i) {
    await sleep(delay());
    const node = below(2) === 0 ? pair.ne : pair.ng;
    await node.kill();
    // Sometimes the other side goes on alone for a while.
    if (below(5) === 0) await sleep(below(300));
    await node.start();
  }
  stopping = true;
}

async function main() {
  const limit = setTimeout(() => { throw new Error(`not done after ${kLimit} ms`); }, kLimit);
  await Promise.all([pair.ne.start(), pair.ng.start()]);
  const workers = [...Array(kWorkers).keys()].map(work);
  await Promise.all([killAll(), ...workers]);
  await pair.settle();
  const findings = await compare(pair, written);
  clearTimeout(limit);
  await pair.stop();
  if (findings.length > 0) throw new Error(findings.slice(0, 20).join("\n"));
  console.log(`${kills} kills, ${stories} referrals, ${written.size} events: ` +
    "nothing lost, nothing doubled, no two states");
}

main().catch((error) => {
  console.error(`COMITY_KILLS=${kills} COMITY_SEED=${seed}`);
  console.error(error);
  pair.stopNow();
  process.exit(1);
});
process.on("uncaughtException", (error) => {
  console.error(`COMITY_KILLS=${kills} COMITY_SEED=${seed}`);
  console.error(error);
  pair.stopNow();
  process.exit(1);
});
