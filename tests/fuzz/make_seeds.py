#!/usr/bin/env python3
"""Writes the seeds of the fuzzers that need well-formed bytes to begin from.

  tests/fuzz/make_seeds.py   into corpus/, beside this file

Certificates come from openssl with fresh keys, which are not kept; all other
seeds are always the same. What they are checked against is made anew by each
fuzzer (its own keys, its own signatures), so none of them holds one.
"""
import base64
import hashlib
import hmac
import pathlib
import struct
import subprocess
import tempfile

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"


def put(fuzzer, name, data):
    folder = CORPUS / fuzzer
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())


# node/audit/FORMAT.md, sections 2 and 3.
def padded(text, width):
    return text.encode().ljust(width, b"\0")


def message_leaf(sender, receiver, kind, number):
    return (bytes([1, kind]) + struct.pack(">Q", 1790000000000 + number) + padded(sender, 16)
            + padded(receiver, 16) + bytes([number]) * 16 + bytes(32) + bytes([number]) * 32)


def own_leaf(texts):
    leaf = (bytes([1, 3]) + struct.pack(">Q", 1790000000000) + bytes(16) + padded("NE", 16)
            + bytes(96))
    opening = b""
    for field, text in enumerate(texts, start=1):
        salt = bytes([field]) * 32
        leaf += hmac.new(salt, b"comity-own/v1\0" + bytes([field]) + text, hashlib.sha256).digest()
        opening += salt + struct.pack(">I", len(text)) + text
    return leaf, opening


# Protocol buffers' wire format: a number or bytes under a field's number.
def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value if isinstance(value, bytes) else value.encode()
    return varint(number << 3 | 2) + varint(len(data)) + data


def event(kind, content=b"", parents=(), role="COORDINATOR"):
    occurred = field(1, 1790000000) + field(2, 5000000)
    return (field(1, "0b0b0b0b-0b0b-4b0b-8b0b-0b0b0b0b0b0b") + field(2, 1 + len(parents))
            + b"".join(field(3, each) for each in parents) + field(4, kind) + field(5, occurred)
            + field(6, role) + content)


def logs():
    leaves = [message_leaf("A1", "B1", kind, kind) for kind in range(1, 6)]
    own, opening = own_leaf([b"", b"node", b"CASE_READ PERMIT", b""])
    put("log_export", "partner_lines", b"".join(base64.b64encode(x) + b"\n" for x in leaves))
    put("log_export", "own_lines", base64.b64encode(own) + b"\n" + base64.b64encode(own) + b"\n")
    put("log_export", "own_entry", own + opening)
    put("log_export", "partner_entry", leaves[0])
    proof = "c2sp.org/tlog-proof@v1\nindex 0\n\ncomity/A1/B1\n1\n" + base64.b64encode(
        bytes(32)).decode() + "\n\n\u2014 comity/A1/B1 " + base64.b64encode(bytes(68)).decode() + "\n"
    put("log_export", "entry_file", "comity-log-entry@v1\n" + base64.b64encode(leaves[0]).decode()
        + "\n" + proof)
    put("evidence", "own_leaf", own + opening)
    put("checkpoint", "head", "comity/A/B\n7\n" + base64.b64encode(bytes(32)).decode() + "\n")
    put("checkpoint", "longer_head",
        "comity/A/B\n7\n" + base64.b64encode(bytes(32)).decode() + "\nmore\n")


def messages():
    leaf = message_leaf("A1", "B1", 5, 1)
    opening = field(1, 2) + field(2, bytes(32)) + field(3, "")
    proof = "c2sp.org/tlog-proof@v1\nindex 0\n\ncomity/A1/B1\n1\n"
    put("envelope", "event", field(1, leaf) + field(2, "comity.federation.v1.ReferralEventPayload")
        + field(3, event(11)) + field(4, bytes(32)) + field(5, proof) + field(6, opening))
    put("envelope", "without_proof", field(1, leaf) + field(2, "T") + field(3, "p"))
    heads = ("0c0c0c0c-0c0c-4c0c-8c0c-0c0c0c0c0c0c", "0d0d0d0d-0d0d-4d0d-8d0d-0d0d0d0d0d0d")
    # DEPARTED, ALARM_RAISED, ASSISTANCE_BEGUN, EXPIRED: they carry nothing.
    for parents, kind in enumerate((11, 13, 14, 21)):
        put("event", f"kind_{kind}", event(kind, parents=heads[:parents]))
    put("event", "without_content", event(22))
    commitment = field(1, 2) + field(2, bytes(32))
    put("event", "correction", event(22, field(25, field(1, commitment))))
    put("event", "info_answer", event(3, field(12, field(1, commitment) + field(2, b"\x03"))))
    put("event", "withdrawal", event(18, field(21, field(1, 1)) + field(24, heads[0])))
    put("event", "receipt", field(1, bytes(32)))


def backups():
    put("backup", "contents", "public 6 card.txt\na cardprivate 0 keys/empty.key\n"
        "private 5 keys/a.key\na\nkey")
    put("backup", "cut_entry", "private 40 data/store.db\nshort")
    put("backup", "file", b"comity backup v1\nparticipant: NG\nmade: 2026-11-30T00:00:00Z\n"
        b"salt: AAAAAAAAAAAAAAAAAAAAAA==\n\nm\x00\x00\x00\x1c" + bytes(28) + b"l\x00\x00\x00\x1c"
        + bytes(28) + bytes(64))


def certificate(folder, name, *options):
    path = folder / name
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-keyout", folder / "key.pem", "-out", path, "-days", "20000", *options],
        check=True, capture_output=True)
    return path.read_bytes()


def certificates():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        leaf = certificate(folder, "leaf", "-subj", "/CN=node", "-addext",
                           "subjectAltName=URI:spiffe://ng.comity/node,DNS:ng.node.comity")
        root = certificate(folder, "root", "-subj", "/CN=root", "-addext",
                           "nameConstraints=critical,permitted;URI:ng.comity")
        officer = certificate(folder, "officer", "-subj", "/CN=officer", "-addext",
                              "subjectAltName=URI:spiffe://ng.comity/operator/ORG/AUDITOR/a.b")
    put("certificate", "node", leaf)
    put("certificate", "officer", officer)
    put("certificate", "chain", leaf + root)
    lines = leaf.split(b"\n")
    put("certificate", "encrypted", b"\n".join(
        [lines[0], b"Proc-Type: 4,ENCRYPTED", b"DEK-Info: AES-256-CBC," + b"00" * 16, b""] + lines[1:]))
    der = base64.b64decode(b"".join(lines[1:-2]))
    # id-ecPublicKey becomes an algorithm that nobody knows.
    odd = der.replace(bytes.fromhex("2a8648ce3d0201"), bytes.fromhex("2a8648ce3d027f"), 1)
    put("certificate", "unknown_key", b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(odd)
        + b"-----END CERTIFICATE-----\n")


def signed(key, text):
    done = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=text.encode(),
                          check=True, capture_output=True)
    return base64.b64encode(done.stdout).decode()


def card_of_new_root(lines):
    """Signed by its root, and by the root before that this one follows."""
    with tempfile.TemporaryDirectory() as name:
        past_folder, folder = (pathlib.Path(name) / each for each in ("past", "next"))
        past_folder.mkdir()
        folder.mkdir()
        past, root = (certificate(each, "root", "-subj", "/CN=root") for each in (past_folder, folder))
        past_der, root_der = (b"".join(each.split(b"\n")[1:-2]).decode() for each in (past, root))
        body = [f"root: {base64.b64encode(root).decode()}" if line.startswith("root: ") else line for line in lines]
        succession = signed(past_folder / "key.pem", f"comity root succession v1\ncode: AA\nroot: {root_der}\n")
        body += [f"past-root: {past_der}", f"past-root-signature: {succession}"]
        text = "\n".join(body) + "\n"
        return f"{text}signature: {signed(folder / 'key.pem', text)}\n"


def cards():
    lines = (CORPUS / "card" / "whole").read_text(encoding="utf-8").splitlines()
    body = [line for line in lines if not line.startswith(("signature: ", "bundle-key: "))]
    put("card", "commission", "\n".join(body).replace("kind: state", "kind: commission") + "\n")
    put("card", "with_bundle_key",
        "\n".join(body + ["bundle-key: " + base64.b64encode(bytes(32)).decode()]) + "\n")
    put("card", "with_past_root", card_of_new_root(body))

    def past(kind, *numbers):
        keys = (base64.b64encode(bytes([number]) * 32).decode() for number in numbers)
        return [f"past-{kind}-keys: " + " ".join(keys)]

    put("card", "with_past_keys", "\n".join(
        body + ["bundle-key: " + base64.b64encode(bytes(32)).decode()]
        + past("log", 1, 2) + past("witness", 3)) + "\n")
    put("card", "with_past_witness_keys", "\n".join(body + past("witness", *range(8))) + "\n")
    put("card", "too_many_past_keys", "\n".join(body + past("log", *range(9))) + "\n")


def revocations():
    head = "comity revoked certificates v1\nparticipant: NG\nsequence: "
    tail = "signature: " + base64.b64encode(bytes(70)).decode() + "\n"
    entry = " 2026-11-30T08:00:00Z 2027-02-28T08:00:00Z\n"
    put("revocations", "none", head + "1\n" + tail)
    put("revocations", "two", head + "3\n" + "0" * 63 + "1" + entry + "ab" * 32 + entry + tail)


if __name__ == "__main__":
    logs()
    messages()
    backups()
    certificates()
    cards()
    revocations()
