#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "comity/federation/v1/table.pb.h"
#include "node/service/federation_gate.h"
#include "tests/proof/linked_node.h"

namespace comity {

// A participant that asks for tables with messages of its own.
class TableAsker {
 public:
  TableAsker(const std::string& code, const Clock& clock);

  const ParticipantCode& code() const { return code_; }
  ParticipantCard Card();
  // Logs a question for `holder`.
  Message Log(const ParticipantCode& holder,
              const federation::v1::TableQuestion& question);

 private:
  const ParticipantCode code_;
  const Clock& clock_;
  TestDirectory directory_;
  SystemRandom random_;
  std::unique_ptr<Store> store_;
  LogSigner signer_{SigningKey::Generate(KeyAlgorithm::kEd25519)};
  CommitWriter writer_;
};

// Figures of a table by their codes; hidden cells are not in it.
using Figures = std::map<std::vector<std::string>, uint64_t>;
// A dimension's filters, one code each.
using Filters = std::vector<std::pair<std::string, std::string>>;

// Niger's node with persons of 2018, and a commission (ECOWAS) and a member
// (NG) that ask through its gate: real store, ledger, budget and protection.
// Used by one thread.
class TableHolder {
 public:
  explicit TableHolder(uint64_t seed);

  LinkedNode& node() { return node_; }
  FakeClock& clock() { return clock_; }
  TableAsker& commission() { return commission_; }
  TableAsker& member() { return member_; }

  // How many tables that share columns Agree() lets from now on; zero: what
  // holds where nothing is written.
  void LetLinkedTables(int most) { linked_tables_ = most; }
  // Puts the ready agreement in force with another budget of cells, and
  // whatever else is replaced: pairs of old and new text.
  void Agree(
      int budget,
      const std::vector<std::pair<std::string, std::string>>& edits = {});

  // Returns references of the cases.
  std::vector<std::string> AddPeople(int count, const std::string& sex,
                                     const std::string& age_class,
                                     const std::string& citizenship = "");
  void Publish();
  void Erase(const std::string& reference);

  federation::v1::TableQuestion Question(
      const std::vector<std::string>& dimensions,
      const Filters& filters = {}) const;
  // The payload of the answer; an error if there is none.
  absl::StatusOr<std::string> Send(const ParticipantCode& asker,
                                   Message question);
  federation::v1::TableAnswer Ask(
      TableAsker& asker, const federation::v1::TableQuestion& question);
  federation::v1::TableAnswer Ask(const std::vector<std::string>& dimensions,
                                  const Filters& filters = {}) {
    return Ask(commission_, Question(dimensions, filters));
  }
  // Asks all at once: each is decided before the first is committed.
  std::vector<federation::v1::TableAnswer> AskAtOnce(
      const std::vector<federation::v1::TableQuestion>& questions);

  // Every table by one to three columns that the agreement opens.
  static std::vector<std::vector<std::string>> AllTables();
  // What the node counts of its budget for an asker.
  uint32_t Given(const ParticipantCode& asker);

 private:
  FakeClock clock_{absl::FromUnixSeconds(1790000000)};
  LinkedNode node_;
  FederationGate gate_;
  const QuestionMethod method_;
  SeededRandomForTest random_;
  TableAsker commission_{"ECOWAS", clock_};
  TableAsker member_{"NG", clock_};
  std::string digest_;
  int revision_ = 1;
  int linked_tables_ = 1000;
  int people_ = 0;
};

// The cells with a figure, by column names: "sex=female", "" for all persons.
// Cells of different tables that mean the same have the same name.
std::map<std::string, uint64_t> NamedFigures(
    const std::vector<std::string>& dimensions,
    const federation::v1::TableAnswer& answer);
Figures FiguresOf(const federation::v1::TableAnswer& answer);

}  // namespace comity
