// Edits an exported log by a seed, over and over, and lets the second verifier
// look for each edit.
// Use: node find_edits.mjs FILE CARD COUNT SEED FOLDER; exit 1 if one is not
// found, or the file as it is does not verify. Every fiftieth is left in FOLDER.
import {generateKeyPairSync, sign} from 'node:crypto';
import {readFileSync, writeFileSync} from 'node:fs';
import {fromBase64, keyId, leafHash, linesOfText, readCard, Tree, verifyLines} from './verify_log.mjs';

const [file, cardFile, countText, seedText, folder] = process.argv.slice(2);
const card = readCard(readFileSync(cardFile, 'utf8'));
const bytes = readFileSync(file);
const text = bytes.toString('utf8');

// Mulberry32: the same edits for the same seed.
let state = Number(seedText) >>> 0;
function below(limit) {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
}

const headEnd = text.indexOf('\n\n', text.indexOf('\n\n') + 2) + 2;
const head = text.slice(0, headEnd);
const [, origin, size] = head.split('\n');
const entries = text.slice(headEnd).split('\n').slice(0, -1);
if (entries.length !== Number(size) || entries.length < 3) throw new Error('too few entries to edit');
const together = (lines, front = head) => front + lines.map((line) => `${line}\n`).join('');

// An entry of the same kind with other contents.
function anotherEntry() {
  const leaf = fromBase64(entries[below(entries.length)]);
  for (let i = 1; i <= 32; ++i) leaf[leaf.length - i] = below(256);
  return leaf.toString('base64');
}

const replaced = (lines, at) => lines.map((line, i) => (i === at ? anotherEntry() : line));

// Everything fits but the key.
function signedByAStranger(lines) {
  const {privateKey, publicKey} = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({format: 'jwk'}).x, 'base64url');
  const tree = new Tree();
  for (const line of lines) tree.append(leafHash(fromBase64(line)));
  const body = `${origin}\n${lines.length}\n${tree.root().toString('base64')}\n`;
  const blob = Buffer.concat([keyId(origin, raw), sign(null, Buffer.from(body), privateKey)]);
  return together(lines, `comity-log@v1\n${body}\n\u2014 ${origin} ${blob.toString('base64')}\n\n`);
}

const edits = {
  'a bit': () => {
    const changed = Buffer.from(bytes);
    changed[below(changed.length)] ^= 1 << below(8);
    return changed;
  },
  'the end': () => text.slice(0, below(text.length)),
  'two entries swapped': (lines, first, second) => {
    [lines[first], lines[second]] = [lines[second], lines[first]];
    return together(lines);
  },
  'an entry removed': (lines, first) => together(lines.filter((_, i) => i !== first)),
  'an entry twice': (lines, first, second) => together([...lines.slice(0, first), lines[second], ...lines.slice(first)]),
  'an entry added': (lines) => together([...lines, anotherEntry()]),
  'another entry': (lines, first) => together(replaced(lines, first)),
  'the last entries removed': (lines, first, second) => together(lines.slice(0, second)),
  'another entry, signed by a stranger': (lines, first) =>
    signedByAStranger(replaced(lines, first)),
};

function isFound(edited) {
  try {
    verifyLines(linesOfText(edited.toString('utf8')), card);
    return false;
  } catch {
    return true;
  }
}

verifyLines(linesOfText(text), card);
const names = Object.keys(edits);
const count = Number(countText);
for (let i = 0; i < count; ++i) {
  const first = below(entries.length - 1);
  const second = first + 1 + below(entries.length - 1 - first);
  const name = names[below(names.length)];
  const edited = edits[name]([...entries], first, second);
  if (Buffer.from(edited).equals(bytes)) throw new Error(`edit ${i} changed nothing: ${name}`);
  if (!isFound(edited)) throw new Error(`edit ${i} was not found: ${name} (seed ${seedText})`);
  if (i % 50 === 0) writeFileSync(`${folder}/${i}.log`, edited);
}
console.log(`${count} edits found`);
