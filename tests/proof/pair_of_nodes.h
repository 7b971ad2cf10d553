#pragma once

#include <fstream>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "tests/proof/ledgers.h"
#include "tests/proof/lossy_link.h"
#include "tests/proof/proof_size.h"
#include "tests/proof/referral_walk.h"

namespace comity {

// A ready file of policy/.
inline std::string ReadyPolicyText(const std::string& path) {
  std::ifstream file(std::string(COMITY_SOURCE_DIR "/policy/") + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Niger's node and Nigeria's under the ready bilateral agreement, a line
// between them, and people at both. All that happens follows from the seed.
struct PairOfNodes {
  explicit PairOfNodes(uint64_t from_seed) : seed(from_seed) {
    ne.Join(ng, to_ng);
    ng.Join(ne, to_ne);
    Enact(ReadyPolicyText("agreements/ng-ne-bilateral.textproto"), "");
  }

  // `national`: of Niger's; empty: none.
  void Enact(const std::string& agreement, const std::string& national) {
    std::vector<std::string> texts = {agreement,
                                      ReadyPolicyText("local/ne.textproto")};
    if (!national.empty()) texts.push_back(national);
    ne.Enact(texts);
    ng.Enact({agreement, ReadyPolicyText("local/ng.textproto")});
  }
  void SetFaults(const LinkFaults& faults) {
    to_ng->SetFaults(faults);
    to_ne->SetFaults(faults);
  }
  LossyLink& LinkFrom(const LinkedNode& node) {
    return &node == &ne ? *to_ng : *to_ne;
  }
  LinkedNode& Other(const LinkedNode& node) { return &node == &ne ? ng : ne; }

  // The line is good from now on: everything is delivered, also what was on
  // its way. False if something still waits after `rounds`.
  bool Deliver(int rounds = 2000) {
    SetFaults({});
    to_ng->ReleaseAll();
    to_ne->ReleaseAll();
    absl::Status there;
    absl::Status back;
    for (int i = 0; i < rounds; ++i) {
      there = ne.Round().status();
      back = ng.Round().status();
      if (Waiting(ne, ng) + Waiting(ng, ne) == 0) return true;
    }
    std::printf("waits: NE %zu %s; NG %zu %s\n", Waiting(ne, ng),
                there.ToString().c_str(), Waiting(ng, ne),
                back.ToString().c_str());
    for (LinkedNode* node : {&ne, &ng}) {
      const auto rows = node->store().ReadOutbox(Other(*node).code(), 20);
      for (const OutboxRow& row : *rows) {
        const auto event = node->store().ReadEvent(row.event_id);
        std::printf("  %s %s of %s number %u\n", node->code().text().c_str(),
                    std::string(Name(event->event.kind)).c_str(),
                    row.referral_id.ToString().c_str(), event->event.sequence);
      }
    }
    return false;
  }
  static size_t Waiting(LinkedNode& node, const LinkedNode& partner) {
    const auto rows = node.store().ReadOutbox(partner.code(), 1);
    return rows.ok() ? rows->size() : 1;
  }

  // What the two ledgers contradict each other in; an unreadable one too.
  std::vector<std::string> Contradictions() {
    const auto one = ReadLedger(ne, ng);
    const auto other = ReadLedger(ng, ne);
    if (!one.ok()) return {one.status().ToString()};
    if (!other.ok()) return {other.status().ToString()};
    std::vector<std::string> findings =
        CompareLedgers(*one, *other, walk.written());
    findings.insert(findings.end(), walk.faults().begin(), walk.faults().end());
    return findings;
  }

  const uint64_t seed;
  std::mt19937_64 random{seed};
  FakeClock clock{absl::FromUnixSeconds(1790000000)};
  LinkedNode ne{"NE", clock, random()};
  LinkedNode ng{"NG", clock, random()};
  std::shared_ptr<LossyLink> to_ng =
      std::make_shared<LossyLink>(ne.code(), ng, random);
  std::shared_ptr<LossyLink> to_ne =
      std::make_shared<LossyLink>(ng.code(), ne, random);
  ReferralWalk walk{clock, ne, ng, random};
};

}  // namespace comity
