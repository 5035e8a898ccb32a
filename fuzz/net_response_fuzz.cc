// Answers, as the client reads them: however the bytes are cut, the same comes out; and what was
// read, written by the server's writer, reads the same again.
#include <algorithm>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "base/bytes.h"
#include "net/http1_response.h"
#include "net/http1_write.h"

namespace {

using vitrine::net::Response;
using vitrine::net::http1::ResponseReader;
constexpr std::size_t kBodyBytesMax = 1'024;

// nullopt: refused, or not complete.
std::optional<Response> read_in_pieces(std::string_view text, std::size_t piece) {
  ResponseReader reader(false, kBodyBytesMax);
  while (!text.empty() && !reader.complete()) {
    const auto bytes = text.substr(0, piece);
    const auto taken = reader.put(bytes);
    if (!taken) return std::nullopt;
    VITRINE_ASSERT(*taken == bytes.size() || reader.complete());
    text.remove_prefix(*taken);
  }
  if (!reader.complete() && (!reader.begun() || !reader.end())) return std::nullopt;
  return reader.take();
}

bool equal(const std::optional<Response>& a, const std::optional<Response>& b) {
  if (!a || !b) return !a && !b;
  return a->status == b->status && a->headers == b->headers && a->body == b->body;
}

void drop_framing(Response& response) {
  std::erase_if(response.headers, [](const auto& header) {
    return header.first == "content-length" || header.first == "transfer-encoding" ||
           header.first == "connection";
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = vitrine::as_text({data, size});
  auto whole = read_in_pieces(text, std::max<std::size_t>(size, 1));
  VITRINE_ASSERT(equal(whole, read_in_pieces(text, 1)));
  VITRINE_ASSERT(equal(whole, read_in_pieces(text, 5)));
  if (!whole) return 0;
  VITRINE_ASSERT(whole->body.size() <= kBodyBytesMax);
  std::string out;
  vitrine::net::http1::append_response(out, *whole, true,
                                       vitrine::net::http1::ConnectionOption::silent);
  auto again = read_in_pieces(out, out.size());
  VITRINE_ASSERT(again.has_value());
  drop_framing(*whole);
  drop_framing(*again);
  VITRINE_ASSERT(equal(whole, again));
  return 0;
}
