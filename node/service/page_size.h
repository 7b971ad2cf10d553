#pragma once

#include <algorithm>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {

// How many entries a page holds: what was asked for, at most 500; `usual` if
// nothing was. FIELD_INVALID for less than that.
inline absl::StatusOr<int> PageSize(int asked, int usual = 50) {
  if (asked < 0) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "page_size must not be negative");
  }
  return asked == 0 ? usual : std::min(asked, 500);
}

// The part of `rows` that a request's page shows; the response gets the token
// of the next page, the place at which it begins. Points into `rows`.
template <typename Row, typename Request, typename Response>
absl::StatusOr<absl::Span<const Row>> PageOf(const std::vector<Row>& rows,
                                             const Request& request,
                                             Response& response) {
  ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  size_t from = 0;
  if (!request.page_token().empty() &&
      (!absl::SimpleAtoi(request.page_token(), &from) || from > rows.size())) {
    return ReasonError(ErrorReason::kFieldInvalid, "the page token is broken");
  }
  const auto page =
      absl::MakeConstSpan(rows).subspan(from, static_cast<size_t>(size));
  if (from + page.size() < rows.size()) {
    response.set_next_page_token(absl::StrCat(from + page.size()));
  }
  return page;
}

}  // namespace comity
