// Requests: however the bytes are cut, the same comes out; and what we accept, another parser
// (Boost.Beast) accepts as the same request of the same length, so that no request hides in
// another.
#define BOOST_DISABLE_ASSERTS  // Beast 1.81 asserts things about its input
#include <algorithm>
#include <boost/beast/http.hpp>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "base/bytes.h"
#include "net/http1_request.h"

namespace {

namespace http = boost::beast::http;
using vitrine::net::http1::RequestReader;
constexpr std::size_t kHeaderBytesMax = 2'048;
constexpr std::size_t kBodyBytesMax = 1'024;

struct Outcome {
  int fault = 0;
  std::size_t taken = 0;
  bool complete = false;
  vitrine::net::Request request;
  bool operator==(const Outcome& other) const {
    return fault == other.fault && complete == other.complete &&
           request.method == other.request.method && request.target == other.request.target &&
           request.headers == other.request.headers && request.body == other.request.body &&
           (fault != 0 || taken == other.taken);
  }
};

Outcome read_in_pieces(std::string_view text, std::size_t piece) {
  RequestReader reader(kHeaderBytesMax, kBodyBytesMax);
  Outcome outcome;
  while (outcome.taken < text.size() && !reader.complete()) {
    const auto bytes = text.substr(outcome.taken, piece);
    const auto taken = reader.put(bytes);
    if (!taken) {
      outcome.fault = taken.error().status;
      return outcome;
    }
    VITRINE_ASSERT(*taken == bytes.size() || reader.complete());
    outcome.taken += *taken;
  }
  outcome.complete = reader.complete();
  if (outcome.complete) outcome.request = reader.take();
  return outcome;
}

// Where Beast is stricter about what we ignore: the grammar of `connection` lists and chunk
// extensions.
bool is_stricter(const boost::beast::error_code& error) {
  return error == http::error::bad_value || error == http::error::bad_chunk_extension ||
         error == http::error::bad_chunk;
}

void compare_with_beast(std::string_view text, const Outcome& ours) {
  const std::size_t skipped = text.substr(0, 2) == "\r\n" ? 2 : 0;
  http::request_parser<http::string_body> parser;
  parser.eager(true);
  parser.header_limit(1'000'000);
  boost::beast::error_code error;
  const auto taken =
      parser.put(boost::asio::const_buffer(text.data() + skipped, text.size() - skipped), error);
  if (error && is_stricter(error)) return;
  VITRINE_ASSERT(!error && parser.is_done());
  VITRINE_ASSERT(taken + skipped == ours.taken);
  const auto& theirs = parser.get();
  VITRINE_ASSERT(std::string_view(theirs.method_string().data(), theirs.method_string().size()) ==
                 ours.request.method);
  VITRINE_ASSERT(std::string_view(theirs.target().data(), theirs.target().size()) ==
                 ours.request.target);
  VITRINE_ASSERT(theirs.body() == ours.request.body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = vitrine::as_text({data, size});
  const auto whole = read_in_pieces(text, std::max<std::size_t>(text.size(), 1));
  VITRINE_ASSERT(whole.request.body.size() <= kBodyBytesMax);
  VITRINE_ASSERT(read_in_pieces(text, 1) == whole);
  VITRINE_ASSERT(read_in_pieces(text, 7) == whole);
  if (whole.complete) compare_with_beast(text, whole);
  return 0;
}
