// Connecting and waiting with a deadline, on plain sockets.
#pragma once

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
// unavailable: the deadline came first.
Status wait_for(int socket, Direction direction, Deadline deadline);

// Tries each address of the host in turn; the socket does not block. unavailable: none connects.
// Resolving a name is the system's affair and has the system's time limit.
Result<FileDescriptor> connect_tcp(const Authority& authority, Deadline deadline);

}  // namespace vitrine::net
