#pragma once

#include <functional>

#include "absl/status/status.h"
#include "node/store/attachment_store.h"
#include "node/store/case_store.h"
#include "node/store/log_store.h"
#include "node/store/oversight_store.h"
#include "node/store/policy_store.h"
#include "node/store/referral_store.h"
#include "node/store/state_store.h"
#include "node/store/tabulation_store.h"

namespace comity {

// Everything that can be read. Each call sees the last committed state.
// Thread-safe. STORE_UNAVAILABLE if the backend fails, INTEGRITY_FAILURE if
// what it holds does not decrypt.
class StoreReader : public CaseReader,
                    public AttachmentReader,
                    public ReferralReader,
                    public LogReader,
                    public OversightReader,
                    public StateReader,
                    public PolicyReader,
                    public TabulationReader {};

// The writing side of one open transaction; it reads its own writes. Used by
// one thread.
class StoreTransaction : public StoreReader,
                         public CaseWriter,
                         public AttachmentWriter,
                         public ReferralWriter,
                         public LogWriter,
                         public OversightWriter,
                         public StateWriter,
                         public PolicyWriter {
 public:
  // Runs `body`; if it fails, undoes what it wrote and nothing else, and
  // returns its status.
  virtual absl::Status Savepoint(const std::function<absl::Status()>& body) = 0;
};

// The only door to what a node keeps. Backends pass one conformance suite
// (tests/conformance). Person data is sealed at rest under keys that are not
// in the store.
class Store : public StoreReader {
 public:
  // Runs `body` in one durable transaction: when OK is returned, everything
  // it wrote survives a power cut; otherwise nothing of it exists. One
  // transaction at a time; callers queue. Only audit's CommitWriter calls it.
  virtual absl::Status Transact(
      const std::function<absl::Status(StoreTransaction&)>& body) = 0;

  // Runs `body` with a reader whose calls all see the same committed state, for
  // one thread; returns its status. For several reads in a row, which cost less
  // so. While it runs, no journal is emptied; what ForgetDeleted has waited for
  // once it ends the next time: the reader's later calls are STORE_UNAVAILABLE.
  virtual absl::Status ReadAtOnce(
      const std::function<absl::Status(const StoreReader&)>& body) const = 0;

  // Makes sure that what was deleted is not left in a journal of the backend.
  // STORE_UNAVAILABLE if that has to wait, which it does for a second at most;
  // call again.
  virtual absl::Status ForgetDeleted() = 0;
  // Whether something was erased since that last succeeded, as at opening.
  virtual bool MustForget() const = 0;
};

}  // namespace comity
