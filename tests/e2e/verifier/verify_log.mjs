// A second verifier of exported logs and entries, written from
// node/audit/FORMAT.md and certs/README.md; it shares no code with the node.
// Use: node verify_log.mjs FILE CARD [WITNESS_CARD]; exit 0 if FILE verifies, and
// the other card's participant cosigned it, else 1.
import {createHash, createHmac, createPublicKey, verify, X509Certificate} from 'node:crypto';
import {closeSync, openSync, readFileSync, readSync, realpathSync} from 'node:fs';
import {StringDecoder} from 'node:string_decoder';
import {fileURLToPath} from 'node:url';

const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
export const leafHash = (data) => sha256(Buffer.of(0), data);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);

function fail(what) {
  throw new Error(what);
}

export function fromBase64(text) {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) fail(`not base64: ${text.slice(0, 20)}`);
  return bytes;
}

// The card's root signed its lines; where it names the root before, that one
// signed that this one follows.
function checkRoots(text, value) {
  const end = text.lastIndexOf('\nsignature: ') + 1;
  const root = new X509Certificate(fromBase64(value('root')));
  if (!verify('sha256', Buffer.from(text.slice(0, end)), root.publicKey, fromBase64(value('signature')))) {
    fail('the card is not signed by its root');
  }
  if (!/^past-root: /m.test(text)) return;
  const past = new X509Certificate(fromBase64(value('past-root')));
  const said = `comity root succession v1\ncode: ${value('code')}\nroot: ${root.raw.toString('base64')}\n`;
  if (!verify('sha256', Buffer.from(said), past.publicKey, fromBase64(value('past-root-signature')))) {
    fail('the root before did not sign that this one follows');
  }
}

export function readCard(text) {
  const value = (key) => text.match(new RegExp(`^${key}: (.*)$`, 'm'))?.[1] ?? fail(`the card lacks ${key}`);
  checkRoots(text, value);
  const past = (key) => text.match(new RegExp(`^${key}: (.*)$`, 'm'))?.[1].split(' ') ?? [];
  // RFC 8410: the fixed head of an Ed25519 public key.
  const keyOf = (bytes) => createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), bytes]),
    format: 'der',
    type: 'spki',
  });
  // The key in use, and those that it replaced.
  const keys = (name) => [value(`${name}-key`), ...past(`past-${name}-keys`)].map((each) => {
    const raw = fromBase64(each);
    return {raw, key: keyOf(raw)};
  });
  return {code: value('code'), logKeys: keys('log'), witnessKeys: keys('witness')};
}

export const keyId = (origin, raw, type = 1) => sha256(origin, '\n', Buffer.of(type), raw).subarray(0, 4);

// C2SP tlog-cosignature/v1: when the card's participant cosigned the note.
function cosignedAt(note, card) {
  const split = note.lastIndexOf('\n\n');
  const name = `comity/${card.code}/witness`;
  for (const line of note.slice(split + 2).split('\n').slice(0, -1)) {
    const [, signer, blob] = line.split(' ');
    const bytes = fromBase64(blob);
    const known = card.witnessKeys.find((each) => bytes.subarray(0, 4).equals(keyId(name, each.raw, 4)));
    if (signer !== name || !known) continue;
    if (bytes.length !== 76) fail('a cosignature has a wrong size');
    const seconds = bytes.readBigUInt64BE(4);
    const signed = Buffer.from(`cosignature/v1\ntime ${seconds}\n${note.slice(0, split + 1)}`);
    if (!verify(null, signed, known.key, bytes.subarray(12))) fail('the cosignature does not verify');
    return new Date(Number(seconds) * 1000);
  }
  return fail(`${card.code} did not cosign the head`);
}

// A C2SP checkpoint signed by the card's participant: {origin, size, root,
// cosigned}; the last if there is a witness's card.
function openCheckpoint(note, card) {
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) fail('the checkpoint has no signatures');
  const body = note.slice(0, split + 1);
  const [origin, size, root, rest, ...more] = body.split('\n');
  if (rest !== '' || more.length > 0) fail('the checkpoint has other lines');
  if (origin !== `comity/${card.code}` && !origin.startsWith(`comity/${card.code}/`)) {
    fail(`the log is not one of ${card.code}`);
  }
  const signed = note.slice(split + 2).split('\n').slice(0, -1).some((line) => {
    const [dash, name, blob, ...others] = line.split(' ');
    if (dash !== '\u2014' || !blob || others.length > 0) fail('a signature line does not parse');
    const bytes = fromBase64(blob);
    const known = card.logKeys.find((each) => bytes.subarray(0, 4).equals(keyId(origin, each.raw)));
    if (name !== origin || !known) return false;
    return verify(null, Buffer.from(body), known.key, bytes.subarray(4)) || fail('the signature does not verify');
  });
  if (!signed) fail('the checkpoint is not signed by a log key of the card');
  if (!/^(0|[1-9][0-9]*)$/.test(size)) fail('the size does not parse');
  const cosigned = card.witness ? `, cosigned ${cosignedAt(note, card.witness).toISOString()}` : '';
  return {origin, size: Number(size), root: fromBase64(root), cosigned};
}

// The tree of RFC 9162 section 2.1.1 as it grows: of each complete subtree that
// no larger one holds, the root.
export class Tree {
  #roots = [];
  size = 0;

  append(hash) {
    for (let index = this.size++; index % 2 === 1; index = (index - 1) / 2) {
      hash = nodeHash(this.#roots.pop(), hash);
    }
    this.#roots.push(hash);
  }
  root() {
    if (this.size === 0) return sha256('');
    return this.#roots.reduceRight((right, left) => nodeHash(left, right));
  }
}

// RFC 9162 section 2.1.3.2.
function rootFromPath(hash, index, size, path) {
  if (index >= size) fail('the index is past the end');
  let fn = BigInt(index);
  let sn = BigInt(size - 1);
  let root = hash;
  for (const step of path) {
    if (sn === 0n) fail('the proof is too long');
    if ((fn & 1n) === 1n || fn === sn) {
      root = nodeHash(step, root);
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      root = nodeHash(root, step);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  if (sn !== 0n) fail('the proof is too short');
  return root;
}

const code = (bytes) => bytes.toString('latin1').replace(/\0+$/, '');

// FORMAT.md sections 2 and 3: what a leaf of the log `origin` says.
function readLeaf(leaf, origin) {
  const own = origin.split('/').length === 2;
  if (leaf.length !== (own ? 266 : 122) || leaf[0] !== 1) fail('a leaf has a wrong size or version');
  if (leaf[1] < 1 || leaf[1] > (own ? 7 : 11)) fail('a leaf has an unknown kind');
  if (!own) {
    const log = `comity/${code(leaf.subarray(10, 26))}/${code(leaf.subarray(26, 42))}`;
    if (log !== origin) fail('a leaf belongs to another log');
  }
  return {kind: leaf[1], time: new Date(Number(leaf.readBigInt64BE(2)))};
}

// FORMAT.md section 3: the four texts, each checked against its commitment.
function openOwnLeaf(leaf, opening) {
  const texts = [];
  let at = 0;
  for (let field = 1; field <= 4; ++field) {
    const salt = opening.subarray(at, at + 32);
    const length = opening.readUInt32BE(at + 32);
    if (length === 0xffffffff && (field === 1 || field === 4)) {
      if (!salt.equals(Buffer.alloc(32))) fail('an erased field has a salt');
      at += 36;
      texts.push('(erased)');
      continue;
    }
    const text = opening.subarray(at + 36, at + 36 + length);
    at += 36 + length;
    const commitment = createHmac('sha256', salt)
      .update('comity-own/v1\0').update(Buffer.of(field)).update(text).digest();
    const held = leaf.subarray(138 + 32 * (field - 1), 138 + 32 * field);
    if (!commitment.equals(held)) fail(`the opening of field ${field} does not match`);
    texts.push(text.toString());
  }
  if (at !== opening.length) fail('the opening is too long');
  return texts;
}

// The lines of a text, and of a file that may be larger than memory.
export function* linesOfText(text) {
  const lines = text.split('\n');
  const rest = lines.pop();
  yield* lines;
  if (rest !== '') fail('the last line is cut');
}
function* linesOfFile(path) {
  const file = openSync(path, 'r');
  const decoder = new StringDecoder('utf8');
  const chunk = Buffer.alloc(1 << 16);
  let rest = '';
  for (let size = 1; size > 0;) {
    size = readSync(file, chunk);
    const lines = (rest + decoder.write(chunk.subarray(0, size))).split('\n');
    rest = lines.pop();
    yield* lines;
  }
  closeSync(file);
  if (rest + decoder.end() !== '') fail('the last line is cut');
}

function next(lines) {
  const {value, done} = lines.next();
  return done ? fail('the file ends too early') : value;
}

// The checkpoint in front of a log: up to the second empty line.
function readNote(lines) {
  let note = '';
  for (let empty = 0; note.length <= 65536;) {
    const line = next(lines);
    if (line === '' && ++empty === 2) return note;
    note += `${line}\n`;
  }
  return fail('the checkpoint does not end');
}

function verifyLog(lines, card) {
  const head = openCheckpoint(readNote(lines), card);
  const tree = new Tree();
  for (const line of lines) {
    if (tree.size === head.size) fail('more follows than the head counts');
    const leaf = fromBase64(line);
    readLeaf(leaf, head.origin);
    tree.append(leafHash(leaf));
  }
  if (tree.size !== head.size) fail(`${tree.size} entries, the head counts ${head.size}`);
  if (!tree.root().equals(head.root)) fail('the entries do not lead to the signed head');
  return `${head.origin}: ${head.size} entries, root ${head.root.toString('hex')}${head.cosigned}`;
}

function verifyEntry(lines, card) {
  const leaf = fromBase64(next(lines));
  const rest = [...lines];
  const opened = rest[0].startsWith('opening ');
  const proof = rest.slice(opened ? 1 : 0);
  if (proof[0] !== 'c2sp.org/tlog-proof@v1') fail('the proof is no tlog-proof');
  const index = proof[1].match(/^index (0|[1-9][0-9]*)$/)?.[1] ?? fail('the proof has no index');
  const blank = proof.indexOf('');
  const head = openCheckpoint(`${proof.slice(blank + 1).join('\n')}\n`, card);
  const path = proof.slice(2, blank).map(fromBase64);
  const root = rootFromPath(leafHash(leaf), Number(index), head.size, path);
  if (!root.equals(head.root)) fail('the proof does not lead to the signed head');
  const said = readLeaf(leaf, head.origin);
  const texts = opened ? openOwnLeaf(leaf, fromBase64(rest[0].slice(8))) : [];
  return `${head.origin} ${index}: kind ${said.kind} at ${said.time.toISOString()} ${texts.slice(1, 3).join(': ')}`;
}

// What verified, or an error that says what does not.
export function verifyLines(lines, card) {
  const first = next(lines);
  const verifiers = {'comity-log@v1': verifyLog, 'comity-log-entry@v1': verifyEntry};
  const verifier = verifiers[first] ?? fail(`unknown first line: ${first}`);
  return verifier(lines, card);
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    const [file, cardFile, witnessFile] = process.argv.slice(2);
    const card = readCard(readFileSync(cardFile, 'utf8'));
    if (witnessFile) card.witness = readCard(readFileSync(witnessFile, 'utf8'));
    console.log(`verified: ${verifyLines(linesOfFile(file), card)}`);
  } catch (error) {
    console.error(`not verified: ${error.message}`);
    process.exitCode = 1;
  }
}
