#pragma once

#include "node/store/sqlite/attachment_tables.h"

namespace comity {

// The part of SessionReader that implements AttachmentReader; `Base` and
// `Derived` are as there.
template <typename Base, typename Derived>
class AttachmentSessionReader : public Base {
 public:
  absl::StatusOr<AttachmentRow> ReadAttachment(const Uuid& id) const override {
    return With(
        [&](Session& s) { return attachment_tables::ReadAttachment(s, id); });
  }
  absl::StatusOr<std::vector<AttachmentRow>> ListAttachments(
      const Uuid& owner) const override {
    return With([&](Session& s) {
      return attachment_tables::ListAttachments(s, owner);
    });
  }
  absl::StatusOr<std::string> ReadChunks(const Permit& permit, const Uuid& id,
                                         uint32_t first,
                                         uint32_t count) const override {
    return With([&](Session& s) {
      return attachment_tables::ReadChunks(s, permit, id, first, count);
    });
  }
  absl::StatusOr<std::string> DigestAttachment(const Uuid& id) const override {
    return With(
        [&](Session& s) { return attachment_tables::DigestAttachment(s, id); });
  }
  absl::StatusOr<uint64_t> AttachmentBytes() const override {
    return With(
        [&](Session& s) { return attachment_tables::AttachmentBytes(s); });
  }
  absl::StatusOr<std::vector<Uuid>> ListUnfinished(
      absl::Time time) const override {
    return With(
        [&](Session& s) { return attachment_tables::ListUnfinished(s, time); });
  }
  absl::StatusOr<OfferedAttachment> ReadOffer(
      const Uuid& offer_id) const override {
    return With(
        [&](Session& s) { return attachment_tables::ReadOffer(s, offer_id); });
  }
  absl::StatusOr<std::vector<OfferedAttachment>> ListOffersOf(
      const Uuid& attachment_id) const override {
    return With([&](Session& s) {
      return attachment_tables::ListOffersOf(s, attachment_id);
    });
  }

 private:
  template <typename F>
  auto With(const F& body) const {
    return static_cast<const Derived*>(this)->WithSession(body);
  }
};

// Implements AttachmentWriter for a transaction; `Derived` gives WithSession(f)
// as above, and NoteErased(), called for what must not stay in a journal.
template <typename Base, typename Derived>
class AttachmentSessionWriter : public Base {
 public:
  absl::Status InsertAttachment(const AttachmentRow& row) override {
    return In([&](Session& s) {
      return attachment_tables::InsertAttachment(s, row);
    });
  }
  absl::Status ShareAttachment(const Uuid& from,
                               const AttachmentRow& row) override {
    return In([&](Session& s) {
      return attachment_tables::ShareAttachment(s, from, row);
    });
  }
  absl::Status PutChunks(const Uuid& id, uint32_t first,
                         absl::string_view content) override {
    return In([&](Session& s) {
      return attachment_tables::PutChunks(s, id, first, content);
    });
  }
  absl::Status PutAttachmentFacts(const Uuid& id, const AttachmentFacts& facts,
                                  bool whole) override {
    return In([&](Session& s) {
      return attachment_tables::PutAttachmentFacts(s, id, facts, whole);
    });
  }
  absl::Status DeleteAttachment(const Uuid& id) override {
    static_cast<Derived*>(this)->NoteErased();
    return In(
        [&](Session& s) { return attachment_tables::DeleteAttachment(s, id); });
  }
  absl::Status InsertOffer(const OfferedAttachment& offer) override {
    return In(
        [&](Session& s) { return attachment_tables::InsertOffer(s, offer); });
  }
  absl::Status ChargeOffer(const Uuid& offer_id) override {
    return In([&](Session& s) {
      return attachment_tables::ChargeOffer(s, offer_id);
    });
  }

 private:
  template <typename F>
  auto In(const F& body) const {
    return static_cast<const Derived*>(this)->WithSession(body);
  }
};

}  // namespace comity
