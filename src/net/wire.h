// One client's bytes: TLS over its socket, every wait with a deadline. On its loop's thread alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "net/loop.h"
#include "net/tls.h"

namespace vitrine::net {

class Wire {
 public:
  using Clock = std::chrono::steady_clock;
  Wire(Loop& loop, Socket socket, TlsStream tls)
      : loop_(loop), socket_(std::move(socket)), tls_(std::move(tls)) {}

  TlsStream& tls() { return tls_; }
  const TlsStream& tls() const { return tls_; }
  Socket& socket() { return socket_; }

  // false: nothing more can come. The bytes are the loop's scratch: used before the next wait.
  Task<bool> read_some(std::string_view& bytes);
  // Ends with false also where the client takes nothing for a request's time, or all of it slower
  // than kSlowestReader.
  Task<bool> write_all(std::string_view bytes);
  // Waits for what a TLS call asked for. false: it asked for nothing, or there is no more time.
  Task<bool> wait_as_told(TlsStream::Outcome outcome);
  // Lets other connections have the thread.
  Task<void> step_aside();
  // Closing a socket with unread bytes resets the connection, and the reset overtakes what was said
  // last. So what the client still sends is taken and dropped, for a while.
  Task<void> linger();

  void set_deadline(Clock::time_point at) { deadline_ = at; }
  void set_deadline(std::chrono::milliseconds from_now) { deadline_ = Clock::now() + from_now; }
  void no_deadline() { deadline_ = Clock::time_point::max(); }
  Clock::time_point deadline() const { return deadline_; }
  bool late() const { return late_; }
  void forgive() { late_ = false; }  // a last answer gets a little time of its own
  bool closing() const { return closing_; }

  void expire_if_late(Clock::time_point now);
  void close_now();

 private:
  Loop& loop_;
  Socket socket_;
  TlsStream tls_;
  Clock::time_point deadline_ = Clock::time_point::max();
  bool late_ = false;
  bool closing_ = false;
};

// When an answer of that size must be taken at the latest, whoever takes it byte by byte.
Wire::Clock::time_point answer_deadline(std::chrono::milliseconds request_timeout,
                                        std::size_t bytes);

}  // namespace vitrine::net
