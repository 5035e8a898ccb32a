#include "vitrined/listen_probe.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

namespace vitrine::vitrined {

Status probe_listen(const net::ServerConfig& config) {
  const std::string place = config.address + ":" + std::to_string(config.port);
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(config.address.c_str(), std::to_string(config.port).c_str(), &hints, &found) !=
      0) {
    return malformed("can't listen on " + place + ": not an IP address",
                     "such as 127.0.0.1, 0.0.0.0 or ::1");
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, freeaddrinfo);
  if (config.port == 0) return {};
  const int probe = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  const bool bound = probe >= 0 &&
                     setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
                     bind(probe, found->ai_addr, found->ai_addrlen) == 0 && listen(probe, 1) == 0;
  const std::string reason = std::generic_category().message(errno);
  if (probe >= 0) close(probe);
  if (bound) return {};
  return unavailable("can't listen on " + place + ": " + reason,
                     "give another --address or --port");
}

}  // namespace vitrine::vitrined
