"""Sums perf script's samples by stage of a case query.

A sample belongs to the stage of the innermost frame that a rule knows: what a
library is used for is said by who calls it.
"""
import collections
import re
import sys

# Stage, and what of "symbol (library)" tells it; the first that fits counts.
RULES = [(stage, re.compile(text)) for stage, text in (
    ("making durable (fdatasync)", r"fdatasync|do_fsync|ext4_sync|vfs_fsync"),
    ("network in the kernel", r"\b(tcp_|inet_|sock_|__sys_(send|recv)|net_rx|ip_output)"),
    ("waiting and waking (futex, epoll)", r"futex|epoll_wait|ep_poll|pthread_cond|nanosleep"),
    ("policy decision", r"comity::(Judge|PolicyEngine|CompiledPolicy|RuleIndex|ProjectFacts"
                        r"|PolicyDigestOf|DigestInput|ReadInquiry)"),
    ("signatures", r"comity::(SigningKey|VerifyKey)::"),
    ("evidence: leaves, trees, proofs",
     r"comity::(VerifyMessage|MakeMessage|ProvedMessage|LogAppender|LogSigner|CheckpointCache"
     r"|OpenCheckpoint|FormatCheckpoint|(Parse|Format)LogProof|(Parse|Format)MessageLeaf|LeafHash"
     r"|NodeHash|CompactRange|InclusionProof|ProveInclusion|AppendOwn|ApplyProofs|ProveNeeds"
     r"|ObservedMessages)"),
    ("encryption at rest", r"comity::.*(Aead|Seal|Unseal|Hkdf)"),
    ("record: parse, redact, pad", r"comity::(RedactRecord|ParseRecord|FormatRecord)"),
    ("store (SQLite)", r"libsqlite3|sqlite3_|comity::.*(Sqlite|_tables::|Session::|Transact)"),
    ("TLS", r"libssl|\bSSL_|tsi_|secure_endpoint"),
    ("gRPC", r"libgrpc|\bgrpc(_core|::)|grpc_"),
    ("messages (protobuf)", r"libprotobuf|google::protobuf"),
    ("other parts of the node", r"comity::"),
)]


def stage_of(frames):
    for frame in frames:
        for stage, rule in RULES:
            if rule.search(frame):
                return stage
    return "memory, and what no frame tells"


def samples(lines):
    """Frames of each sample, innermost first; samples end with a blank line."""
    frames, inside = [], False
    for line in lines:
        if not line.strip():
            if inside:
                yield frames
            frames, inside = [], False
        elif line[0].isspace() and inside:
            # "ADDRESS symbol (library)"
            frames.append(line.strip().partition(" ")[2])
        else:
            inside = True
    if inside:
        yield frames


def main():
    stages = collections.Counter(map(stage_of, samples(sys.stdin)))
    total = sum(stages.values())
    if total == 0:
        print("no samples", file=sys.stderr)
        return 1
    print(f"| stage | share of CPU ({total:,} samples) |\n| --- | ---: |")
    for stage, count in stages.most_common():
        print(f"| {stage} | {count / total:.1%} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
