// A client that shares no code with the node: it reads the published protos,
// speaks to the operator API, and checks what it is told.
"use strict";
const fs = require("fs");
const path = require("path");
const crypto = require("crypto");
const assert = require("assert");
const grpc = require("@grpc/grpc-js");
const loader = require("@grpc/proto-loader");

const [protos, profile, address, participant] = process.argv.slice(2);
const read = (name) => fs.readFileSync(path.join(profile, name));

function checkServer(host, certificate) {
  const wanted = `URI:spiffe://${participant.toLowerCase()}.comity/node`;
  const names = String(certificate.subjectaltname).split(", ");
  return names.includes(wanted) ? undefined : new Error("another server answers");
}

const definition = loader.loadSync(
  ["case", "referral", "table", "admin"].map((n) => `comity/operators/v1/${n}_service.proto`),
  { includeDirs: [protos], keepCase: true, longs: String, enums: String, defaults: true });
const api = grpc.loadPackageDefinition(definition).comity.operators.v1;
const credentials = grpc.credentials.createSsl(
  read("anchors.pem"), read("key.pem"), read("certificate.pem"),
  { checkServerIdentity: checkServer });

function call(service, method, request) {
  const client = new api[service](address, credentials);
  return new Promise((resolve, reject) => {
    client[method](request, { deadline: Date.now() + 5000 }, (error, response) => {
      client.close();
      if (error) reject(error);
      else resolve(response);
    });
  });
}

async function main() {
  const status = await call("AdminService", "GetStatus", {});
  assert.strictEqual(status.participant, participant);
  assert.match(status.audit_entry_id, /^comity\//);

  const created = await call("CaseService", "CreateCase", {
    request_id: crypto.randomUUID(),
    record: { x_local_reference: "JS-1", prs_gender: "feminine", prs_citizenship: ["NG"] },
  });
  const got = await call("CaseService", "GetCase", { case_id: "JS-1" });
  assert.strictEqual(got.case.case_id, created.case_id);
  assert.strictEqual(got.case.record.prs_gender, "Feminine");

  // Errors carry a reason of the closed list in their details.
  await assert.rejects(call("CaseService", "GetCase", { case_id: "nobody" }), (error) => {
    const details = error.metadata.get("grpc-status-details-bin")[0].toString("latin1");
    return error.code === grpc.status.NOT_FOUND && details.includes("NOT_FOUND") &&
      details.includes("google.rpc.ErrorInfo");
  });
  await assert.rejects(call("CaseService", "CreateCase", { record: {} }),
    (error) => error.details.includes("request_id"));
  console.log("a client without our code spoke to the operator API");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
