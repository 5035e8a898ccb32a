// What a connection does once TLS stands: HTTP/1.1 or HTTP/2. On the loop's thread alone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "net/http.h"
#include "net/loop.h"

namespace vitrine::net {

class Connection;

class Serving {
 public:
  virtual ~Serving() = default;
  virtual Task<void> run() = 0;  // until the connection is to close
  // The handler's answer to exchange number `exchange`; nullopt where it gave none.
  virtual void answer(std::uint64_t exchange, std::optional<Response> response) = 0;
  // Whether no request is with the handler and no answer on its way.
  virtual bool may_close() const = 0;
  virtual void expire(std::chrono::steady_clock::time_point now) = 0;
  virtual void stop() = 0;  // no new request; ends when the ones under way are answered
  virtual void wake() = 0;  // the connection closes
};

std::unique_ptr<Serving> make_http1_serving(Connection& connection);
std::unique_ptr<Serving> make_http2_serving(Connection& connection);

}  // namespace vitrine::net
