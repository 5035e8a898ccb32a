// Requests of HTTP/1.x, one after the other.
#include <boost/asio/as_tuple.hpp>
#include <utility>

#include "net/connection.h"
#include "net/http1_request.h"
#include "net/http1_write.h"

// Coroutines here await in statements of their own, and leave initializer lists to plain functions:
// g++ 12 makes wrong code of some such expressions.
namespace vitrine::net {
namespace {

constexpr std::size_t kKeptBufferBytesMax = 65'536;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

class Http1Serving final : public Serving {
 public:
  explicit Http1Serving(Connection& connection)
      : connection_(connection),
        wire_(connection.wire()),
        answer_signal_(connection.loop().context) {}

  Task<void> run() override;
  void answer(std::uint64_t exchange, std::optional<Response> response) override;
  bool may_close() const override { return phase_ != Phase::answering; }
  void expire(std::chrono::steady_clock::time_point) override {}
  void stop() override {
    if (phase_ == Phase::idle) wire_.close_now();
  }
  void wake() override { answer_signal_.cancel(); }

 private:
  enum class Phase { idle, reading, answering };
  enum class Read { complete, closed, refused };

  Task<Read> read_request(http1::RequestReader& reader, BodyCharge& charge,
                          std::optional<Fault>& fault);
  void advance(const http1::RequestReader& reader);
  Task<Response> ask_handler(Request request, BodyCharge charge);
  Task<void> refuse(const Fault& fault);

  Connection& connection_;
  Wire& wire_;
  Phase phase_ = Phase::idle;
  bool head_complete_ = false;
  std::string pending_;  // bytes of the next requests that came with this one
  std::string out_;
  std::uint64_t exchange_ = 0;
  bool answered_ = false;
  std::optional<Response> answer_;
  Timer answer_signal_;  // never expires; cancelled when the answer is there
};

void Http1Serving::answer(std::uint64_t exchange, std::optional<Response> response) {
  if (exchange != exchange_ || answered_) return;
  answered_ = true;
  answer_ = std::move(response);
  answer_signal_.cancel();
}

Task<void> Http1Serving::run() {
  while (true) {
    http1::RequestReader reader(connection_.limits().header_bytes_max,
                                connection_.limits().body_bytes_max);
    BodyCharge charge(connection_.shared().bodies);
    std::optional<Fault> fault;
    const auto read = co_await read_request(reader, charge, fault);
    if (read == Read::closed) co_return;
    if (read == Read::refused) {
      co_await refuse(*fault);
      co_return;
    }
    const bool is_head = reader.is_head_request();
    Response response = co_await ask_handler(reader.take(), std::move(charge));
    if (wire_.closing()) co_return;
    const bool keep_alive = reader.keep_alive() && !connection_.loop().stopping;
    out_.clear();
    http1::append_response(out_, response, !is_head,
                           !keep_alive            ? http1::ConnectionOption::close
                           : reader.is_http_1_0() ? http1::ConnectionOption::keep_alive
                                                  : http1::ConnectionOption::silent);
    const bool written = co_await wire_.write_all(out_);
    if (!written || !keep_alive) co_return;
    if (out_.capacity() > kKeptBufferBytesMax) std::string().swap(out_);
    // A client whose next request is always there already would else keep the thread for itself.
    if (!pending_.empty()) co_await wire_.step_aside();
  }
}

// Until the request is complete. `refused` sets `fault`; after it the stream is out of step.
Task<Http1Serving::Read> Http1Serving::read_request(http1::RequestReader& reader,
                                                    BodyCharge& charge,
                                                    std::optional<Fault>& fault) {
  phase_ = Phase::idle;
  head_complete_ = false;
  if (connection_.loop().stopping) co_return Read::closed;
  wire_.set_deadline(connection_.limits().idle_timeout);
  bool continued = false;
  std::string_view bytes = pending_;
  while (true) {
    auto taken = reader.put(bytes);
    if (!taken) {
      fault = std::move(taken).error();
      co_return Read::refused;
    }
    if (!charge.grow_to(reader.body_bytes())) {
      fault = bodies_fill_memory();
      co_return Read::refused;
    }
    if (reader.complete()) {
      // `bytes` may be a view of pending_ itself.
      pending_ = std::string(bytes.substr(*taken));
      phase_ = Phase::answering;
      co_return Read::complete;
    }
    pending_.clear();
    advance(reader);
    if (reader.waits_for_continue() && !continued) {
      continued = true;
      const auto deadline = wire_.deadline();
      const bool written = co_await wire_.write_all(kContinue);
      if (!written) co_return Read::closed;
      wire_.set_deadline(deadline);
    }
    const bool read = co_await wire_.read_some(bytes);
    if (!read) {
      if (!wire_.late() || !reader.begun() || wire_.closing()) co_return Read::closed;
      fault = request_too_late();
      co_return Read::refused;
    }
    if (!reader.begun()) {  // limits may have changed while it waited
      reader.set_bounds(connection_.limits().header_bytes_max, connection_.limits().body_bytes_max);
    }
  }
}

// The deadlines of what comes next: of the whole request, then of its body within that.
void Http1Serving::advance(const http1::RequestReader& reader) {
  if (reader.begun() && phase_ == Phase::idle) {
    phase_ = Phase::reading;
    wire_.set_deadline(connection_.limits().request_timeout);
  }
  if (reader.head_complete() && !head_complete_) {
    head_complete_ = true;
    wire_.set_deadline(
        std::min(wire_.deadline(), Wire::Clock::now() + connection_.limits().body_timeout));
  }
}

Task<Response> Http1Serving::ask_handler(Request request, BodyCharge charge) {
  wire_.no_deadline();  // how long an answer takes is the handler's affair
  ++exchange_;
  answered_ = false;
  answer_.reset();
  count(connection_.shared().counters.requests_http1);
  connection_.hand_over(exchange_, std::move(request), std::move(charge));
  while (!answered_ && !wire_.closing()) {
    answer_signal_.expires_at(Wire::Clock::time_point::max());
    co_await answer_signal_.async_wait(asio::as_tuple(kAwait));
  }
  if (!answer_ && !wire_.closing()) answer_ = connection_.unanswered();
  co_return answer_ ? *std::move(answer_) : Response{};
}

// Answers what could not be read, and ends the connection.
Task<void> Http1Serving::refuse(const Fault& fault) {
  phase_ = Phase::answering;
  wire_.forgive();
  out_.clear();
  http1::append_response(out_, connection_.refusal(fault), true, http1::ConnectionOption::close);
  const bool written = co_await wire_.write_all(out_);
  if (!written) co_return;
  wire_.tls().close();
  co_await wire_.linger();
}

}  // namespace

std::unique_ptr<Serving> make_http1_serving(Connection& connection) {
  return std::make_unique<Http1Serving>(connection);
}

}  // namespace vitrine::net
