#include "net/wire.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>

// Coroutines here await in statements of their own, and leave initializer lists to plain functions:
// g++ 12 makes wrong code of some such expressions.
namespace vitrine::net {
namespace {

using namespace std::chrono_literals;

constexpr auto kLingerTimeout = 2s;
constexpr std::size_t kLingerBytesMax = 4'194'304;
constexpr std::size_t kSlowestReaderBytesPerMs = 16;

}  // namespace

Wire::Clock::time_point answer_deadline(std::chrono::milliseconds request_timeout,
                                        std::size_t bytes) {
  return Wire::Clock::now() + request_timeout +
         std::chrono::milliseconds(bytes / kSlowestReaderBytesPerMs);
}

Task<bool> Wire::read_some(std::string_view& bytes) {
  while (true) {
    std::size_t count = 0;
    const auto outcome = tls_.read(loop_.scratch, count);
    if (outcome == TlsStream::Outcome::done) {
      bytes = std::string_view(loop_.scratch.data(), count);
      co_return true;
    }
    const bool again = co_await wait_as_told(outcome);
    if (!again) co_return false;
  }
}

Task<bool> Wire::write_all(std::string_view bytes) {
  const auto last = answer_deadline(loop_.limits.request_timeout, bytes.size());
  while (!bytes.empty()) {
    set_deadline(std::min(last, Clock::now() + loop_.limits.request_timeout));
    std::size_t count = 0;
    const auto outcome = tls_.write(bytes, count);
    if (outcome == TlsStream::Outcome::done) {
      bytes.remove_prefix(count);
      continue;
    }
    const bool again = co_await wait_as_told(outcome);
    if (!again) co_return false;
  }
  co_return true;
}

Task<bool> Wire::wait_as_told(TlsStream::Outcome outcome) {
  const bool reads = outcome == TlsStream::Outcome::want_read;
  if ((!reads && outcome != TlsStream::Outcome::want_write) || late_ || closing_) co_return false;
  const auto [error] = co_await socket_.async_wait(reads ? Socket::wait_read : Socket::wait_write,
                                                   asio::as_tuple(kAwait));
  co_return !error && !late_ && !closing_;
}

Task<void> Wire::step_aside() { co_await asio::post(loop_.context, kAwait); }

Task<void> Wire::linger() {
  boost::system::error_code error;
  socket_.shutdown(Socket::shutdown_send, error);
  set_deadline(kLingerTimeout);
  std::size_t dropped = 0;
  while (!error && dropped < kLingerBytesMax) {
    const bool readable = co_await wait_as_told(TlsStream::Outcome::want_read);
    if (!readable) co_return;
    const auto count = socket_.read_some(asio::buffer(loop_.scratch), error);
    if (error == asio::error::would_block) error.clear();
    dropped += count;
  }
}

void Wire::expire_if_late(Clock::time_point now) {
  if (now < deadline_) return;
  late_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Wire::close_now() {
  closing_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

}  // namespace vitrine::net
