#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "comity/operators/v1/table_service.pb.h"
#include "node/audit/commit_writer.h"
#include "node/domain/table_question.h"

namespace comity {

// What the own people were told of one period in one measure, in whatever
// tables: whose own figures, and sums over which sets of members that tell
// their sum alone. Whoever has two of them subtracts one from the other, so
// that what was told bounds what may be told: nothing by which less than three
// members' figures together come out.
class ToldFigures {
 public:
  using Members = std::set<std::string>;

  // REFUSED_AT_HOME if a sum over another set with a member of this one was
  // told, or if less than three, and not none, of this set told no own figures.
  absl::Status CheckSum(const Members& set) const;
  // REFUSED_AT_HOME if these members' own figures leave less than three, and
  // not none, of a set whose sum was told.
  absl::Status CheckOwn(const Members& members) const;
  void AddSum(const Members& set) { sums_.insert(set); }
  void AddOwn(const Members& members) {
    own_.insert(members.begin(), members.end());
  }

  // As the store keeps it: a line of codes for those who told own figures, and
  // one for each set.
  std::string Format() const;
  static ToldFigures Parse(const std::string& text);

 private:
  Members own_;
  std::set<Members> sums_;
};

// Whether what is asked for may be told when these members answer: the sum
// over them `alone`, or the figures of each. REFUSED_AT_HOME as above.
absl::Status CheckMayBeTold(const TableQuestion& question,
                            const std::vector<std::string>& members, bool alone,
                            const StoreReader& store);

// Notes what an answer tells. If something else was told since the check, its
// figures are taken out of it again and a note says why.
absl::Status NoteTold(const TableQuestion& question, CommitScope& scope,
                      operators::v1::RequestTableResponse& response);

}  // namespace comity
