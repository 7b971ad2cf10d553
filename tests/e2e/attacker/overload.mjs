// A partner's node that calls as often as it likes, by gRPC over HTTP/2 as it
// should be: each call is to be answered or refused by name.
//   node overload.mjs HOST:PORT IDENTITY.PEM CALLS_PER_SECOND SECONDS
// Prints as JSON what became of the calls, and how long answers took.
import fs from 'node:fs';
import http2 from 'node:http2';

const [address, identity, rate, seconds] = process.argv.slice(2);
const kTick = 20;  // milliseconds
const kOk = '0';
const kResourceExhausted = '8';

function varint(number) {
  const bytes = [];
  let rest = BigInt(number);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

// comity.federation.v1.HandshakeRequest, as gRPC frames it.
function handshake() {
  const now = Buffer.concat([Buffer.from([0x08]), varint(Math.floor(Date.now() / 1000))]);
  const request = Buffer.concat([Buffer.from([0x08, 1, 0x12, now.length]), now]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(request.length, 1);
  return Buffer.concat([head, request]);
}

const outcomes = {answered: 0, overloaded: 0, other: 0};
const milliseconds = [];
const others = new Set();
let open = 0;

const pem = fs.readFileSync(identity);
const session = http2.connect(`https://${address}`, {
  cert: pem, key: pem, rejectUnauthorized: false, checkServerIdentity: () => undefined,
});
session.on('error', (error) => {
  outcomes.other++;
  others.add(error.code ?? error.message);
  report();
});

function note(status, details, took) {
  if (status === kOk) {
    outcomes.answered++;
    milliseconds.push(took);
  } else if (status === kResourceExhausted &&
      Buffer.from(details ?? '', 'base64').includes('OVERLOADED')) {
    outcomes.overloaded++;
  } else {
    outcomes.other++;
    others.add(`status ${status}`);
  }
}

function call() {
  const began = performance.now();
  const stream = session.request({
    ':method': 'POST',
    ':path': '/comity.federation.v1.FederationService/Handshake',
    'content-type': 'application/grpc',
    'te': 'trailers',
    'grpc-timeout': '20S',
  });
  open++;
  let status;
  let details;
  const take = (headers) => {
    status = headers['grpc-status'] ?? status;
    details = headers['grpc-status-details-bin'] ?? details;
  };
  stream.on('response', take);
  stream.on('trailers', take);
  stream.on('error', (error) => others.add(error.code ?? error.message));
  stream.on('close', () => {
    note(status, details, performance.now() - began);
    open--;
  });
  stream.resume();
  stream.end(handshake());
}

function report() {
  session.close();
  milliseconds.sort((a, b) => a - b);
  const p99 = milliseconds[Math.floor(milliseconds.length * 0.99)] ?? 0;
  console.log(JSON.stringify({...outcomes, p99: Number(p99.toFixed(1)), others: [...others]}));
  process.exit(0);
}

session.on('connect', () => {
  const start = performance.now();
  const all = rate * seconds;
  let made = 0;
  const timer = setInterval(() => {
    const due = Math.min(all, (performance.now() - start) / 1000 * rate);
    // The node takes 64 calls at once over one connection.
    while (made < due && open < 60) {
      call();
      made++;
    }
    if (made >= all && open === 0) {
      clearInterval(timer);
      report();
    }
  }, kTick);
});
setTimeout(() => {
  others.add('it took too long');
  outcomes.other++;
  report();
}, (Number(seconds) + 40) * 1000);
