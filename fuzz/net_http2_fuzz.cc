// An HTTP/2 session under a hostile client: however the bytes are cut the same requests come out,
// within every bound; answers in any order, expiry and end do not break it, and no memory of a body
// is lost. Inputs begin after the preface and SETTINGS.
#include <algorithm>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "net/http2_session.h"

namespace {

using namespace std::chrono_literals;
using vitrine::net::BodyBudget;
using vitrine::net::Fault;
using vitrine::net::Request;
using vitrine::net::Response;
using vitrine::net::ServerLimits;
namespace http2 = vitrine::net::http2;

constexpr std::string_view kBeginning{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33};
constexpr std::size_t kStreamsMax = 100;

ServerLimits tight_limits() {
  ServerLimits limits;
  limits.header_bytes_max = 1'024;
  limits.body_bytes_max = 512;
  limits.buffered_body_bytes_max = 4'096;
  return limits;
}

void check(const Request& request, const ServerLimits& limits) {
  std::size_t header_bytes = request.method.size() + request.target.size();
  for (const auto& [name, value] : request.headers) {
    VITRINE_ASSERT(!name.empty() && name.front() != ':');
    VITRINE_ASSERT(
        std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; }));
    VITRINE_ASSERT(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
    header_bytes += name.size() + value.size();
  }
  VITRINE_ASSERT(header_bytes <= limits.header_bytes_max);
  VITRINE_ASSERT(request.body.size() <= limits.body_bytes_max);
  VITRINE_ASSERT(!request.method.empty() && request.method != "CONNECT");
  VITRINE_ASSERT(!request.target.empty());
}

struct Outcome {
  std::vector<Request> requests;
  std::string sent;
  bool flooded = false;
};

// `answers`: whether requests are answered, newest first, or left with the handler.
Outcome run(std::string_view text, std::size_t piece, bool answers) {
  const auto limits = tight_limits();
  const auto budget = std::make_shared<BodyBudget>(limits.buffered_body_bytes_max);
  Outcome outcome;
  {
    auto now = std::chrono::steady_clock::time_point{} + 24h;
    const auto session = *http2::Session::make(limits, budget, [](const Fault& fault) {
      return Response{fault.status, {{"x-code", std::string(fault.code)}}, fault.message};
    });
    std::vector<http2::Incoming> running;
    session->put(kBeginning, now);
    while (!text.empty() && !session->finished()) {
      session->put(text.substr(0, piece), now);
      text.remove_prefix(std::min(piece, text.size()));
      for (auto& incoming : session->take_requests()) {
        check(incoming.request, limits);
        outcome.requests.push_back(incoming.request);
        running.push_back(std::move(incoming));
      }
      VITRINE_ASSERT(running.size() <= kStreamsMax);
      VITRINE_ASSERT(budget->used() <= limits.buffered_body_bytes_max);
      for (; answers && !running.empty(); running.pop_back()) {
        session->answer(running.back().stream, {200, {{"x", "y"}}, std::string(3'000, 'a')}, now);
      }
      session->pull(outcome.sent, outcome.sent.size() + 100'000);
    }
    outcome.flooded = session->flooded();
    session->go_away();
    now += 24h;
    session->expire(now);
    session->pull(outcome.sent, outcome.sent.size() + 100'000);
    for (auto& incoming : running) session->answer(incoming.stream, {}, now);
    session->pull(outcome.sent, outcome.sent.size() + 100'000);
    session->expire(now + 24h);
    session->pull(outcome.sent, outcome.sent.size() + 100'000);
    VITRINE_ASSERT(session->idle() || session->flooded() || session->finished());
  }
  VITRINE_ASSERT(budget->used() == 0);
  return outcome;
}

bool same(const Request& a, const Request& b) {
  return a.method == b.method && a.target == b.target && a.headers == b.headers && a.body == b.body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = vitrine::as_text({data, size});
  const auto whole = run(text, std::max<std::size_t>(size, 1), false);
  const auto cut = run(text, 1, false);
  // Where a flood or an error of the connection ends it, the cut decides how much came before.
  const auto common = std::min(whole.requests.size(), cut.requests.size());
  for (std::size_t i = 0; i < common; ++i) {
    VITRINE_ASSERT(same(whole.requests[i], cut.requests[i]));
  }
  run(text, 7, true);
  return 0;
}
