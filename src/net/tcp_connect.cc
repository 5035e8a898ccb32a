#include "net/tcp_connect.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "net/resolve.h"

namespace vitrine::net {
namespace {

std::string text_of(int error_number) { return std::generic_category().message(error_number); }

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || text[0] == '0') return false;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + (c - '0');
  }
  return value <= 65'535;
}

bool is_host(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

bool is_ipv6(const std::string& text) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

Result<FileDescriptor> connect_one(const addrinfo& address, const Patience& patience) {
  FileDescriptor socket(::socket(
      address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, address.ai_protocol));
  if (socket.number() < 0) return unavailable(text_of(errno));
  const int one = 1;
  ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  if (::connect(socket.number(), address.ai_addr, address.ai_addrlen) == 0) return socket;
  if (errno != EINPROGRESS) return unavailable(text_of(errno));
  VITRINE_CHECK(wait_for(socket.number(), Direction::write, patience));
  int error = 0;
  socklen_t size = sizeof(error);
  if (::getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return unavailable(text_of(error));
  return socket;
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

FileDescriptor::~FileDescriptor() {
  if (number_ >= 0) ::close(number_);
}

Result<Authority> parse_https_url(std::string_view url) {
  const auto refuse = [url] {
    return malformed(fmt::format("server URL '{}': not https://host or https://host:port", url));
  };
  constexpr std::string_view kScheme = "https://";
  if (url.substr(0, kScheme.size()) != kScheme) return refuse();
  auto rest = url.substr(kScheme.size());
  if (!rest.empty() && rest.back() == '/') rest.remove_suffix(1);
  std::string_view host;
  const bool brackets = !rest.empty() && rest.front() == '[';
  if (brackets) {
    const auto end = rest.find(']');
    if (end == std::string_view::npos) return refuse();
    host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    if (!is_ipv6(std::string(host))) return refuse();
  } else {
    host = rest.substr(0, rest.find(':'));
    rest.remove_prefix(host.size());
    if (!is_host(host)) return refuse();
  }
  std::string_view port = "443";
  if (!rest.empty()) {
    if (rest.front() != ':' || !is_port(rest.substr(1))) return refuse();
    port = rest.substr(1);
  }
  Authority authority{std::string(host), std::string(port), {}};
  authority.text = brackets ? fmt::format("[{}]", host) : std::string(host);
  if (port != "443") authority.text += fmt::format(":{}", port);
  return authority;
}

Result<std::chrono::milliseconds> Patience::left() const {
  constexpr std::chrono::milliseconds kLookMax{60'000}, kLookForStop{100};
  if (stopped != nullptr && stopped->load()) return unavailable("given up: this process stops");
  const auto rest =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  if (rest.count() <= 0) return unavailable("timed out");
  return std::min(rest, stopped == nullptr ? kLookMax : kLookForStop);
}

Status wait_for(int socket, Direction direction, const Patience& patience) {
  while (true) {
    VITRINE_TRY(const auto left, patience.left());
    pollfd entry{socket, static_cast<short>(direction == Direction::read ? POLLIN : POLLOUT), 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(left.count()));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return unavailable(text_of(errno));
  }
}

Result<FileDescriptor> connect_tcp(const Authority& authority, const Patience& patience) {
  VITRINE_TRY(const auto found, resolve(authority, patience));
  Error last{Code::unavailable, "no address", {}};
  for (const addrinfo* address = found.get(); address != nullptr; address = address->ai_next) {
    auto socket = connect_one(*address, patience);
    if (socket) return socket;
    last = std::move(socket).error();
  }
  return in_context(fmt::format("connect to {}:{}", authority.host, authority.port),
                    std::move(last));
}

}  // namespace vitrine::net
