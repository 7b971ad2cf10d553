#include "node/service/mail_intake.h"

#include "absl/synchronization/blocking_counter.h"

namespace comity {

std::vector<absl::StatusOr<Message>> TakeMail(EventIntake& intake,
                                              const ParticipantCode& sender,
                                              std::vector<Message> events,
                                              Carriage how) {
  Caller caller{sender};
  caller.is_node = true;
  std::vector<absl::StatusOr<Message>> outcomes(events.size());
  // The writer takes them in this order, many in one commit.
  absl::BlockingCounter open(static_cast<int>(events.size()));
  for (size_t i = 0; i < events.size(); ++i) {
    intake.Take(
        caller, std::move(events[i]),
        [&outcomes, &open, i](absl::StatusOr<Message> receipt) {
          outcomes[i] = std::move(receipt);
          open.DecrementCount();
        },
        how);
  }
  open.Wait();
  return outcomes;
}

}  // namespace comity
