// Compares what two nodes say of the dossiers between them.
"use strict";

const kReferral = "ReferralService";

// How often the log has an entry of this kind for an id.
async function counts(pair, node, log, kind) {
  const entries = await pair.list(node, "audit", "AdminService", "ListLogEntries", "entries", { log });
  const found = new Map();
  for (const entry of entries) {
    if (entry.kind !== kind) continue;
    found.set(entry.request_id, (found.get(entry.request_id) || 0) + 1);
  }
  return found;
}

async function dossiers(pair, node) {
  const all = new Map();
  for (const each of await pair.list(node, "coord", kReferral, "ListReferrals", "referrals")) {
    const shown = await pair.insist(node, "coord", kReferral, "GetReferral",
      { referral_id: each.referral_id });
    if (shown.history.length > 0) all.set(each.referral_id, shown);
  }
  return all;
}

// Once it withdraws, an author does not ask for the receipts of what told of the
// record.
const needsReceipt = (event, dossier) =>
  !["SENT", "INFO_ANSWERED"].includes(event.kind) ||
  !dossier.history.some((each) => each.kind === "CONSENT_WITHDRAWN");

// What of an event must be the same on both sides.
function told(event, dossier) {
  return JSON.stringify([event.event_id, event.author, event.kind, event.occurred_at,
    needsReceipt(event, dossier) ? event.delivered_at : "", event.log_index]);
}

function compareDossier(id, one, other, find) {
  if (one === undefined) {
    find(`the referral ${id} came from nowhere`);
    return;
  }
  if (other === undefined) {
    // The receiver never saw its packet: only a withdrawal may be why.
    if (one.referral.state !== "WITHDRAWN") find(`the referral ${id} is lost`);
    return;
  }
  if (one.referral.state !== other.referral.state) {
    find(`${id} is ${one.referral.state} and ${other.referral.state}`);
  }
  // What its author took back has no effect, and may not have arrived.
  const effective = (dossier) => dossier.history
    .filter((event) => !event.without_effect).map((event) => told(event, dossier)).sort();
  const [a, b] = [effective(one), effective(other)];
  if (JSON.stringify(a) !== JSON.stringify(b)) {
    find(`the dossiers ${id} differ:\n${a.join("\n")}\n-- but --\n${b.join("\n")}`);
  }
  for (const event of one.history) {
    if (!event.without_effect && event.delivered_at === null && needsReceipt(event, one)) {
      find(`${event.kind} of ${id} has no receipt`);
    }
  }
}

// The author's log, the receiver's two logs and the author's own log tell of the
// same events, each once.
async function compareLogs(pair, author, receiver, held, unasked, find) {
  const events = await counts(pair, author, `comity/${author.code}/${receiver.code}`, "EVENT");
  const sides = {
    "receipts logged": await counts(pair, receiver, `comity/${receiver.code}/${author.code}`, "RECEIPT"),
    "events answered": await counts(pair, receiver, `comity/${receiver.code}`, "ANSWERED"),
    "receipts taken": await counts(pair, author, `comity/${author.code}`, "RECEIPT_RECEIVED"),
  };
  for (const [id, count] of events) {
    if (count !== 1) find(`${id} was logged ${count} times`);
    if (!held.has(id)) continue;
    for (const [what, found] of Object.entries(sides)) {
      const times = found.get(id) || 0;
      if (times === 0 && what === "receipts taken" && unasked.has(id)) continue;
      if (times !== 1) find(`${id}: ${times} ${what}`);
    }
  }
  return events;
}

async function compare(pair, written) {
  const findings = [];
  const find = (what) => findings.push(what);
  const { ne, ng } = pair;
  const [one, other] = [await dossiers(pair, ne), await dossiers(pair, ng)];
  for (const id of new Set([...one.keys(), ...other.keys()])) {
    compareDossier(id, one.get(id), other.get(id), find);
  }
  const held = new Set();
  const unasked = new Set();
  for (const [id, dossier] of other) {
    const at = one.get(id);
    if (at === undefined) continue;
    for (const event of dossier.history) {
      if (!event.without_effect) held.add(event.event_id);
      if (!needsReceipt(event, at)) unasked.add(event.event_id);
    }
  }
  const logged = {
    NE: await compareLogs(pair, ne, ng, held, unasked, find),
    NG: await compareLogs(pair, ng, ne, held, unasked, find),
  };
  for (const [id, code] of written) {
    if (!logged[code].has(id)) find(`${code} said that it wrote ${id}, and did not`);
  }
  return findings;
}

module.exports = { compare };
