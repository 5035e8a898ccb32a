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

std::chrono::milliseconds tick_for(const ServerLimits& limits) {
  const auto shortest =
      std::min({limits.handshake_timeout, limits.idle_timeout, limits.request_timeout});
  return std::clamp(shortest / 8, 5ms, 500ms);
}

class AsioServer final : public Server {
 public:
  AsioServer(const ServerConfig& config, Handler handler, FrameworkError framework_error)
      : shared_(std::make_shared<ServerShared>(config.limits, std::move(handler),
                                               std::move(framework_error))) {
    for (unsigned i = 0; i < config.io_threads; ++i) {
      loops_.push_back(std::make_shared<Loop>(tick_for(config.limits)));
    }
    acceptor_.emplace(loops_.front()->context);
    retry_.emplace(loops_.front()->context);
  }
  ~AsioServer() override { stop(0ms); }

  std::uint16_t port() const override { return port_; }
  Status set_identity(const TlsIdentity& identity) override;
  void stop(std::chrono::milliseconds grace) override;

  Status listen(const std::string& address, std::uint16_t port);
  void run();

 private:
  Task<void> accept_all();
  void take(Loop& loop, Socket socket);
  Result<TlsStream> new_stream(int socket);
  void warn(std::string_view event, std::string reason);

  std::shared_ptr<ServerShared> shared_;
  std::vector<std::shared_ptr<Loop>> loops_;
  // One acceptor hands sockets to all loops. With SO_REUSEPORT each loop could have its own, but
  // then a second server on the same port would start without an error and take half the clients.
  std::optional<Acceptor> acceptor_;
  std::optional<Timer> retry_;
  std::uint16_t port_ = 0;
  std::chrono::steady_clock::time_point quiet_until_;  // touched by the accepting thread alone

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
    const auto [error] = co_await acceptor_->async_accept(socket, asio::as_tuple(kAwait));
    if (!acceptor_->is_open()) co_return;
    if (!error) {
      take(loop, std::move(socket));
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

// Gives the socket to its loop, or closes it: over the bound nothing is spent on a handshake.
void AsioServer::take(Loop& loop, Socket socket) {
  auto slot = ConnectionSlot::take(shared_);
  if (!slot) {
    warn("connection refused", "as many as limits allow are open");
    return;
  }
  asio::post(loop.context,
             [this, &loop, slot = *std::move(slot), socket = std::move(socket)]() mutable {
               if (loop.stopping) return;
               error_code error;
               socket.non_blocking(true, error);
               if (!error) socket.set_option(tcp::no_delay(true), error);
               auto stream = new_stream(socket.native_handle());
               if (error || !stream) return;
               Connection::start(loop, std::move(slot), std::move(socket), *std::move(stream));
             });
}

// Of a flood one line in a while is enough, or the log becomes the next thing to overflow.
void AsioServer::warn(std::string_view event, std::string reason) {
  const auto now = std::chrono::steady_clock::now();
  if (now < quiet_until_) return;
  quiet_until_ = now + kWarningPause;
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
  shared_->count.wait_until_none(deadline);
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
