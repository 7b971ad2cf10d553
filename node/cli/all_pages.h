#pragma once

#include <algorithm>
#include <cstdio>

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

// Calls a listing until it has `limit` entries, as `count` counts them in a
// response, or has come to its end; says on standard error if there are more,
// unless only results and errors are wanted.
template <typename Service, typename Response, typename Method,
          typename Request, typename Count>
absl::StatusOr<Response> CallUpTo(int limit, Count count,
                                  CommandContext& context, Method method,
                                  Request request) {
  constexpr int kPage = 500;
  Response all;
  do {
    request.set_page_size(std::min(limit - count(all), kPage));
    ASSIGN_OR_RETURN(Response page,
                     (context.Call<Service, Response>(method, request)));
    request.set_page_token(page.next_page_token());
    all.MergeFrom(page);
    all.set_next_page_token(page.next_page_token());
  } while (!request.page_token().empty() && count(all) < limit);
  if (!request.page_token().empty() && !context.quiet) {
    fprintf(stderr, "%d are shown, and there are more: --limit N shows N\n",
            count(all));
  }
  return all;
}

}  // namespace comity
