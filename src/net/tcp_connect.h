// Connecting and waiting with a deadline, on plain sockets.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace vitrine::net {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor();
  int number() const { return number_; }

 private:
  int number_ = -1;
};

struct Authority {
  std::string host;  // without brackets
  std::string port;
  std::string text;  // as in a host header: the default port left out
};
// "https://host[:port]" with an optional "/" after it. malformed: anything else.
Result<Authority> parse_https_url(std::string_view url);

using Deadline = std::chrono::steady_clock::time_point;
enum class Direction { read, write };
// How long to wait for others: until a deadline, or until somebody says stop.
struct Patience {
  Patience(Deadline until, const std::atomic<bool>* stop = nullptr)
      : deadline(until), stopped(stop) {}
  Deadline deadline;
  const std::atomic<bool>* stopped;  // borrowed; nullptr: nobody does

  // How long to wait before asking again. unavailable: no longer.
  Result<std::chrono::milliseconds> left() const;
};
// unavailable: the patience is over.
Status wait_for(int socket, Direction direction, const Patience& patience);

// Tries each address of the host in turn; the socket does not block. unavailable: none connects.
Result<FileDescriptor> connect_tcp(const Authority& authority, const Patience& patience);

}  // namespace vitrine::net
