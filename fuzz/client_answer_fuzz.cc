// What a service answers: statuses, reason headers and bodies become values or errors, and nothing
// of an error text can command a terminal.
#include <algorithm>
#include <cstdint>

#include "base/assert.h"
#include "base/base64.h"
#include "client/answer.h"
#include "client/public_key.h"
#include "client/receipt.h"

namespace client = vitrine::client;

namespace {

bool is_printable(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

// The first bytes choose the status and how much of the rest is a header.
vitrine::net::Response response_of(std::string_view input) {
  static constexpr int kStatuses[] = {200, 202, 204, 400, 401, 404, 410, 413, 429, 500, 503};
  vitrine::net::Response response;
  if (input.size() < 2) return response;
  response.status = kStatuses[static_cast<unsigned char>(input[0]) % std::size(kStatuses)];
  const std::size_t cut =
      std::min<std::size_t>(static_cast<unsigned char>(input[1]), input.size() - 2);
  for (const char* name : {"x-vitrine-reason", "x-ms-kms-error-code", "x-ms-kms-error-details",
                           "retry-after", "x-ms-ccf-transaction-id"}) {
    response.headers.emplace_back(name, std::string(input.substr(2, cut)));
  }
  response.body = std::string(input.substr(2 + cut));
  return response;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = vitrine::as_text({data, size});
  const auto response = response_of(input);
  const auto answer = client::read_answer("GET /", response);
  if (!answer) {
    VITRINE_ASSERT(is_printable(answer.error().message) && is_printable(answer.error().hint));
  } else {
    VITRINE_ASSERT(is_printable(answer->transaction_id));
  }
  if (answer && answer->body.is_object()) {
    if (const auto key = client::public_key_from_json(answer->body.get_object())) {
      VITRINE_ASSERT(key->public_key.size() == 32);
      VITRINE_ASSERT(vitrine::to_base64url(key->public_key) == key->x);
    }
  }
  if (const auto found = client::find_receipt(response.body)) {
    const auto text = vitrine::codec::json::write(found->receipt.to_json(true));
    VITRINE_ASSERT(client::find_receipt(text).has_value());
  }
  return 0;
}
