// What the service answered: one place where statuses, bodies and headers become values or errors
// (kms-api.md 1.3, 2.7; ccf.md 6). Pure; safe from any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"
#include "net/http.h"

namespace vitrine::client {

struct Answer {
  int status = 0;
  codec::json::Value body;     // null where the body is empty
  std::string transaction_id;  // x-ms-ccf-transaction-id; empty where there is none
  bool dev = false;            // x-vitrine-dev: the service was born with --dev
};

// The answer, or an error that says what was `attempted` ("GET /app/pubkey"), which status came and
// the service's own reason: the framework's error body, or the headers x-ms-kms-error-code,
// x-ms-kms-error-details and x-vitrine-reason.
// 400, 405, 413 malformed; 401, 403 denied; 404 not_found; 409, 410 conflict; 202, 429, 503
// unavailable; others internal. Evidence or a wrapping key that /unwrapKey refused by its error
// code is denied, be the status 400 or 500. A 2xx body that is not strict JSON is internal.
Result<Answer> read_answer(std::string_view attempted, const net::Response& response);

}  // namespace vitrine::client
