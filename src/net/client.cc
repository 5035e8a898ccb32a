#include "net/client.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "net/http1_response.h"
#include "net/http1_write.h"
#include "net/tcp_connect.h"
#include "net/tls.h"

namespace vitrine::net {
namespace {

struct Channel {
  FileDescriptor socket;
  TlsStream tls;
};

// Why an exchange failed, and whether the server can have begun to act on it.
struct Failure {
  Error error;
  bool closed_before_answer = false;
};
using Exchanged = tl::expected<Response, Failure>;

class HttpsClient final : public Client {
 public:
  HttpsClient(ClientConfig config, Authority authority, SslContext context)
      : config_(std::move(config)),
        authority_(std::move(authority)),
        context_(std::move(context)) {}
  ~HttpsClient() override {
    if (channel_) channel_->tls.close();
  }

  Result<Response> send(const Request& request) override;

 private:
  Status connect(const Patience& patience);
  bool is_still_open();
  Exchanged exchange(const Request& request, std::string_view bytes, const Patience& patience);
  Result<bool> write(std::string_view bytes, const Patience& patience);
  Result<std::size_t> read(const Patience& patience);
  tl::unexpected<Error> failure(const std::string& step, Error error) const {
    return in_context(fmt::format("{} {}", step, authority_.text), std::move(error));
  }

  ClientConfig config_;
  Authority authority_;
  SslContext context_;
  std::optional<Channel> channel_;
  std::array<char, 16'384> buffer_{};
};

// Follows one outcome of a TLS call: waits where it says so. true: the call is to be made again.
Result<bool> wait_as_told(const Channel& channel, TlsStream::Outcome outcome,
                          const Patience& patience) {
  switch (outcome) {
    case TlsStream::Outcome::done:
      return false;
    case TlsStream::Outcome::want_read:
      VITRINE_CHECK(wait_for(channel.socket.number(), Direction::read, patience));
      return true;
    case TlsStream::Outcome::want_write:
      VITRINE_CHECK(wait_for(channel.socket.number(), Direction::write, patience));
      return true;
    case TlsStream::Outcome::closed:
      return unavailable("the server closed the connection");
    default:
      if (channel.tls.certificate_refused()) {
        return denied("the server's certificate is refused: " + channel.tls.failure(),
                      "pin the certificate of the service you mean to reach");
      }
      return unavailable("TLS: " + channel.tls.failure());
  }
}

Status HttpsClient::connect(const Patience& patience) {
  VITRINE_TRY(auto socket, connect_tcp(authority_, patience));
  VITRINE_TRY(auto tls, TlsStream::connect(context_.get(), socket.number(), authority_.host));
  Channel channel{std::move(socket), std::move(tls)};
  for (bool again = true; again;) {
    auto waited = wait_as_told(channel, channel.tls.handshake(), patience);
    if (!waited) return failure("TLS handshake with", std::move(waited).error());
    again = *waited;
  }
  channel_ = std::move(channel);
  return {};
}

// A kept connection may have been closed meanwhile. To know it before sending spares a request that
// could not be sent twice. Anything to read but tickets means that we are out of step.
bool HttpsClient::is_still_open() {
  std::size_t count = 0;
  return channel_->tls.read(buffer_, count) == TlsStream::Outcome::want_read;
}

Result<bool> HttpsClient::write(std::string_view bytes, const Patience& patience) {
  while (!bytes.empty()) {
    std::size_t count = 0;
    const auto outcome = channel_->tls.write(bytes, count);
    if (outcome == TlsStream::Outcome::done) bytes.remove_prefix(count);
    VITRINE_TRY([[maybe_unused]] const bool again, wait_as_told(*channel_, outcome, patience));
  }
  return true;
}

// Bytes of the answer in buffer_; 0: the server closed the connection properly.
Result<std::size_t> HttpsClient::read(const Patience& patience) {
  while (true) {
    std::size_t count = 0;
    const auto outcome = channel_->tls.read(buffer_, count);
    if (outcome == TlsStream::Outcome::closed) return 0;
    VITRINE_TRY(const bool again, wait_as_told(*channel_, outcome, patience));
    if (!again) return count;
  }
}

Exchanged HttpsClient::exchange(const Request& request, std::string_view bytes,
                                const Patience& patience) {
  const auto malformed_answer = [this](const Fault& fault) {
    return tl::unexpected(Failure{
        {Code::malformed, fmt::format("answer of {}: {}", authority_.text, fault.message), {}}});
  };
  // A server may answer before it has read all, and then read no more: what it said counts.
  const auto written = write(bytes, patience);
  http1::ResponseReader reader(request.method == "HEAD", config_.body_bytes_max);
  while (!reader.complete()) {
    auto count = read(patience);
    if (!count || *count == 0) {
      if (count && reader.begun()) {
        if (auto ended = reader.end(); !ended) return malformed_answer(ended.error());
        break;
      }
      Error error = !written ? written.error()
                    : count  ? Error{Code::unavailable, "the server closed the connection", {}}
                             : std::move(count).error();
      const bool closed = !reader.begun() && patience.left().has_value();
      return tl::unexpected(Failure{failure("exchange with", std::move(error)).value(), closed});
    }
    const std::string_view got(buffer_.data(), *count);
    const auto taken = reader.put(got);
    if (!taken) return malformed_answer(taken.error());
    if (*taken != got.size()) {
      return malformed_answer({400, {}, "More bytes came than the answer has."});
    }
  }
  if (!reader.keep_alive() || !written) {
    channel_->tls.close();
    channel_.reset();
  }
  return reader.take();
}

Result<Response> HttpsClient::send(const Request& request) {
  const Patience patience(std::chrono::steady_clock::now() + config_.timeout, config_.stopped);
  std::string bytes;
  VITRINE_CHECK(http1::append_request(bytes, request, authority_.text));
  if (channel_ && !is_still_open()) channel_.reset();
  for (int attempt = 1;; ++attempt) {
    if (!channel_) VITRINE_CHECK(connect(patience));
    auto answer = exchange(request, bytes, patience);
    if (answer) return *std::move(answer);
    channel_.reset();
    if (attempt == 2 || request.method != "GET" || !answer.error().closed_before_answer) {
      return tl::unexpected(std::move(answer).error().error);
    }
  }
}

}  // namespace

Result<std::unique_ptr<Client>> Client::make(ClientConfig config) {
  VITRINE_TRY(auto authority, parse_https_url(config.url));
  if (!config.pinned && config.roots.empty() && !config.insecure_skip_verify) {
    return malformed("client of " + authority.text + ": no certificate is pinned",
                     "pin the service certificate, or say that verification is to be skipped");
  }
  if ((config.pinned || !config.roots.empty()) && config.insecure_skip_verify) {
    return malformed("client of " + authority.text +
                     ": a certificate is pinned and verification is to be skipped: choose one");
  }
  VITRINE_TRY(auto context, make_client_context(config));
  return std::make_unique<HttpsClient>(std::move(config), std::move(authority), std::move(context));
}

}  // namespace vitrine::net
