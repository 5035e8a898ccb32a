#include "net/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/mutex.h"
#include "net/connection.h"
#include "net/loop.h"
#include "net/tls.h"

namespace vitrine::net {
namespace {

using namespace std::chrono_literals;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kAcceptRetryDelay = 100ms;
constexpr auto kWarningPause = 10s;
constexpr unsigned kIoThreadsMax = 256;
// By itself the kernel would keep megabytes for each client that does not read.
constexpr int kSendBufferBytes = 262'144;

AddressKey key_of(const tcp::endpoint& peer) {
  const auto address = peer.address();
  return address.is_v4() ? key_of_ipv4(address.to_v4().to_bytes())
                         : key_of_ipv6(address.to_v6().to_bytes());
}

// A bound of nothing would be a server that serves nobody.
Status check_limits(const ServerLimits& limits) {
  const bool some = limits.header_bytes_max > 0 && limits.body_bytes_max > 0 &&
                    limits.connections_max > 0 && limits.connections_per_address_max > 0 &&
                    limits.buffered_body_bytes_max > 0 && limits.handshake_timeout > 0ms &&
                    limits.idle_timeout > 0ms && limits.request_timeout > 0ms &&
                    limits.body_timeout > 0ms;
  return some ? Status() : malformed("server: a limit is 0");
}

class AsioServer final : public Server {
 public:
  AsioServer(const ServerConfig& config, Handler handler, FrameworkError framework_error)
      : shared_(std::make_shared<ServerShared>(config.limits, std::move(handler),
                                               std::move(framework_error))) {
    for (unsigned i = 0; i < config.io_threads; ++i) {
      loops_.push_back(std::make_shared<Loop>(config.limits));
    }
    acceptor_.emplace(loops_.front()->context);
    retry_.emplace(loops_.front()->context);
  }
  ~AsioServer() override { stop(0ms); }

  std::uint16_t port() const override { return port_; }
  Status set_identity(const TlsIdentity& identity) override;
  Status set_limits(const ServerLimits& limits) override;
  ServerStats stats() const override;
  void stop(std::chrono::milliseconds grace) override;

  Status listen(const std::string& address, std::uint16_t port);
  void run();

 private:
  Task<void> accept_all();
  void take(Loop& loop, Socket socket, const AddressKey& key);
  bool make_room(Loop& loop, const AddressKey& key, Admission::Verdict verdict);
  void begin(Loop& loop, ConnectionSlot slot, Socket socket);
  Result<TlsStream> new_stream(int socket);
  void warn(std::string_view event, std::string reason);

  std::shared_ptr<ServerShared> shared_;
  std::vector<std::shared_ptr<Loop>> loops_;
  // One acceptor hands sockets to all loops. With SO_REUSEPORT each loop could have its own, but
  // then a second server on the same port would start without an error and take half the clients.
  std::optional<Acceptor> acceptor_;
  std::optional<Timer> retry_;
  std::uint16_t port_ = 0;
  Mutex quiet_mutex_;
  std::chrono::steady_clock::time_point quiet_until_ VITRINE_GUARDED_BY(quiet_mutex_);

  Mutex tls_mutex_;
  SslContext tls_ VITRINE_GUARDED_BY(tls_mutex_);
  Mutex stop_mutex_;
  bool stopped_ VITRINE_GUARDED_BY(stop_mutex_) = false;
};

Status AsioServer::set_identity(const TlsIdentity& identity) {
  VITRINE_TRY(auto context, make_server_context(identity));
  const Lock lock(tls_mutex_);
  tls_ = std::move(context);
  return {};
}

Status AsioServer::set_limits(const ServerLimits& limits) {
  VITRINE_CHECK(check_limits(limits));
  shared_->admission.set_bounds(limits.connections_max, limits.connections_per_address_max);
  shared_->bodies->set_max(limits.buffered_body_bytes_max);
  for (const auto& loop : loops_) loop->set_limits(limits);
  return {};
}

ServerStats AsioServer::stats() const {
  const Counters& c = shared_->counters;
  ServerStats stats;
  stats.connections_open = shared_->admission.count();
  stats.buffered_body_bytes = shared_->bodies->used();
  stats.connections_accepted = c.connections_accepted;
  stats.refused_by_total = c.refused_by_total;
  stats.refused_by_address = c.refused_by_address;
  stats.displaced = c.displaced;
  stats.handshakes_done = c.handshakes_done;
  stats.handshakes_resumed = c.handshakes_resumed;
  stats.handshakes_failed = c.handshakes_failed;
  stats.handshakes_late = c.handshakes_late;
  stats.requests_http1 = c.requests_http1;
  stats.requests_http2 = c.requests_http2;
  stats.requests_refused = c.requests_refused;
  stats.floods_ended = c.floods_ended;
  return stats;
}

Status AsioServer::listen(const std::string& address, std::uint16_t port) {
  error_code error;
  const auto ip = asio::ip::make_address(address, error);
  if (error) return malformed(fmt::format("listen: '{}' is not an IP address", address));
  const tcp::endpoint endpoint(ip, port);
  acceptor_->open(endpoint.protocol(), error);
  if (!error) acceptor_->set_option(Acceptor::reuse_address(true), error);
  if (!error) acceptor_->bind(endpoint, error);
  if (!error) acceptor_->listen(asio::socket_base::max_listen_connections, error);
  if (!error) port_ = acceptor_->local_endpoint(error).port();
  if (!error) return {};
  const auto host = ip.is_v6() ? "[" + address + "]" : address;
  return unavailable(fmt::format("listen on {}:{}: {}", host, port, error.message()),
                     error == asio::error::address_in_use
                         ? "choose another port, or stop what listens there"
                         : "");
}

void AsioServer::run() {
  asio::co_spawn(loops_.front()->context, accept_all(), asio::detached);
  for (unsigned i = 0; i < loops_.size(); ++i) loops_[i]->start(i);
}

Task<void> AsioServer::accept_all() {
  for (std::size_t next = 0;; next = (next + 1) % loops_.size()) {
    Loop& loop = *loops_[next];
    Socket socket(loop.context);
    tcp::endpoint peer;
    const auto [error] = co_await acceptor_->async_accept(socket, peer, asio::as_tuple(kAwait));
    if (!acceptor_->is_open()) co_return;
    if (!error) {
      take(loop, std::move(socket), key_of(peer));
      continue;
    }
    if (error == asio::error::connection_aborted) continue;
    // Out of descriptors or memory, mostly. The client stays in the queue, so asking again at once
    // would spin.
    warn("can't accept a connection", error.message());
    retry_->expires_after(kAcceptRetryDelay);
    co_await retry_->async_wait(asio::as_tuple(kAwait));
  }
}

// Gives the socket to its loop. Over a bound it is closed there before anything is spent on a
// handshake, unless another connection has nothing to do: who is idle makes room for who asks.
void AsioServer::take(Loop& loop, Socket socket, const AddressKey& key) {
  const auto verdict = shared_->admission.try_add(key);
  if (verdict == Admission::Verdict::admitted) {
    asio::post(loop.context, [this, &loop, slot = ConnectionSlot(shared_, key),
                              socket = std::move(socket)]() mutable {
      begin(loop, std::move(slot), std::move(socket));
    });
    return;
  }
  asio::post(loop.context, [this, &loop, key, verdict, socket = std::move(socket)]() mutable {
    if (!make_room(loop, key, verdict)) return;
    shared_->admission.add(key);
    begin(loop, ConnectionSlot(shared_, key), std::move(socket));
  });
}

bool AsioServer::make_room(Loop& loop, const AddressKey& key, Admission::Verdict verdict) {
  const bool of_address = verdict == Admission::Verdict::address_full;
  if (loop.make_room(of_address ? &key : nullptr)) {
    count(shared_->counters.displaced);
    return true;
  }
  count(of_address ? shared_->counters.refused_by_address : shared_->counters.refused_by_total);
  warn("connection refused", of_address ? "as many as limits allow are busy from one address"
                                        : "as many as limits allow are busy");
  return false;
}

void AsioServer::begin(Loop& loop, ConnectionSlot slot, Socket socket) {
  if (loop.stopping) return;
  count(shared_->counters.connections_accepted);
  error_code error;
  socket.non_blocking(true, error);
  if (!error) socket.set_option(tcp::no_delay(true), error);
  if (!error) socket.set_option(asio::socket_base::send_buffer_size(kSendBufferBytes), error);
  auto stream = new_stream(socket.native_handle());
  if (error || !stream) return;
  Connection::start(loop, std::move(slot), std::move(socket), *std::move(stream));
}

// Of a flood one line in a while is enough, or the log becomes the next thing to overflow.
void AsioServer::warn(std::string_view event, std::string reason) {
  {
    const auto now = std::chrono::steady_clock::now();
    const Lock lock(quiet_mutex_);
    if (now < quiet_until_) return;
    quiet_until_ = now + kWarningPause;
  }
  log::warning(event, {{"reason", std::move(reason)}});
}

Result<TlsStream> AsioServer::new_stream(int socket) {
  const Lock lock(tls_mutex_);
  return TlsStream::accept(tls_.get(), socket);
}

void AsioServer::stop(std::chrono::milliseconds grace) {
  const Lock lock(stop_mutex_);
  if (std::exchange(stopped_, true)) return;
  const auto deadline = std::chrono::steady_clock::now() + grace;
  asio::post(loops_.front()->context, [this] {
    error_code ignored;
    acceptor_->close(ignored);
    retry_->cancel();
  });
  for (const auto& loop : loops_) loop->stop_when_idle();
  shared_->admission.wait_until_none(deadline);
  for (const auto& loop : loops_) loop->stop_now();
  for (const auto& loop : loops_) loop->join();
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const ServerConfig& config,
                                              const TlsIdentity& identity, Handler handler,
                                              FrameworkError framework_error) {
  if (config.io_threads == 0 || config.io_threads > kIoThreadsMax) {
    return malformed(fmt::format("server: io_threads is {}, not between 1 and {}",
                                 config.io_threads, kIoThreadsMax));
  }
  VITRINE_CHECK(check_limits(config.limits));
  try {
    auto server =
        std::make_unique<AsioServer>(config, std::move(handler), std::move(framework_error));
    VITRINE_CHECK(server->set_identity(identity));
    VITRINE_CHECK(server->listen(config.address, config.port));
    server->run();
    return server;
  } catch (const std::exception& error) {
    return internal(fmt::format("server: start: {}", error.what()));
  }
}

}  // namespace vitrine::net
