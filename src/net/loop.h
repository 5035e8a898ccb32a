// One I/O thread of the server: its event loop and what the connections on it share. Everything but
// `context` (which takes posted work from anywhere) is touched by that thread alone. Asio is seen
// by the loop, the server, and what lives on the loop: connection, wire, ticket, serving.
#pragma once

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <list>
#include <memory>
#include <thread>

#include "net/admission.h"
#include "net/server.h"

namespace vitrine::net {

namespace asio = boost::asio;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;
template <class T>
using Task = asio::awaitable<T, Executor>;
inline constexpr asio::use_awaitable_t<Executor> kAwait;

class Connection;

class Loop : public std::enable_shared_from_this<Loop> {
 public:
  explicit Loop(const ServerLimits& bounds);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void start(unsigned index);  // its thread, with all signals blocked
  void join();
  bool runs_here() { return context.get_executor().running_in_this_thread(); }

  // All by posting, so from any thread.
  void stop_when_idle();  // no new request; connections between two requests close
  void stop_now();        // every connection closes, then the thread ends
  void set_limits(const ServerLimits& bounds);

  // Closes the least recently used connection that has nothing under way; of that address, where
  // one is given. false: there is none. On the loop's thread.
  bool make_room(const AddressKey* key);

  ServerLimits limits;
  std::list<Connection*> connections;  // least recently used first; outlives the context, their
                                       // owner
  bool stopping = false;
  std::array<char, 16'384> scratch;  // one TLS record; used between two suspensions only
  asio::io_context context{1};

 private:
  Task<void> sweep();

  Timer sweep_timer_;
  asio::executor_work_guard<Executor> work_;
  std::thread thread_;
};

}  // namespace vitrine::net
