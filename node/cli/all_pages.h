#pragma once

#include "absl/status/statusor.h"
#include "node/base/status_macros.h"
#include "node/cli/command.h"

namespace comity {

// Calls a listing until its last page; all pages as one response.
template <typename Service, typename Response, typename Method,
          typename Request>
absl::StatusOr<Response> CallAll(CommandContext& context, Method method,
                                 Request request) {
  Response all;
  do {
    ASSIGN_OR_RETURN(Response page,
                     (context.Call<Service, Response>(method, request)));
    request.set_page_token(page.next_page_token());
    page.clear_next_page_token();
    all.MergeFrom(page);
  } while (!request.page_token().empty());
  return all;
}

}  // namespace comity
