#include "net/loop.h"

#include <pthread.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <string>

#include "net/connection.h"

namespace vitrine::net {

namespace {

using namespace std::chrono_literals;

// How often deadlines are looked at.
std::chrono::milliseconds tick_for(const ServerLimits& limits) {
  const auto shortest = std::min(
      {limits.handshake_timeout, limits.idle_timeout, limits.request_timeout, limits.body_timeout});
  return std::clamp(shortest / 8, 5ms, 500ms);
}

}  // namespace

Loop::Loop(const ServerLimits& bounds)
    : limits(bounds), sweep_timer_(context), work_(context.get_executor()) {
  asio::co_spawn(context, sweep(), asio::detached);
}

Loop::~Loop() = default;

void Loop::start(unsigned index) {
  // Signals are for the thread that waits for them, not for these: the new thread inherits the
  // mask.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { context.run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_setname_np(thread_.native_handle(), ("net-" + std::to_string(index)).c_str());
}

void Loop::join() {
  if (thread_.joinable()) thread_.join();
}

// One look at all deadlines now and then is cheaper than a timer armed and cancelled per read.
Task<void> Loop::sweep() {
  while (work_.owns_work()) {
    sweep_timer_.expires_after(tick_for(limits));
    co_await sweep_timer_.async_wait(asio::as_tuple(kAwait));
    const auto now = std::chrono::steady_clock::now();
    for (Connection* connection : connections) connection->expire_if_late(now);
  }
}

void Loop::stop_when_idle() {
  asio::post(context, [this] {
    stopping = true;
    for (Connection* connection : connections) connection->stop();
  });
}

bool Loop::make_room(const AddressKey* key) {
  const auto found =
      std::find_if(connections.begin(), connections.end(), [key](const Connection* connection) {
        return connection->may_make_room() && (!key || connection->address_key() == *key);
      });
  if (found == connections.end()) return false;
  (*found)->close_now();
  return true;
}

void Loop::set_limits(const ServerLimits& bounds) {
  asio::post(context, [this, bounds] { limits = bounds; });
}

void Loop::stop_now() {
  asio::post(context, [this] {
    stopping = true;
    for (Connection* connection : connections) connection->close_now();
    work_.reset();
    sweep_timer_.cancel();
  });
}

}  // namespace vitrine::net
