// The service: takes requests from net, finds their route, runs it here or on a worker, and
// finishes its answer. Holds no rules of the KMS. Safe from any thread.
#pragma once

#include <memory>

#include "core/core.h"
#include "net/server.h"
#include "service/router.h"
#include "service/workers.h"

namespace vitrine::service {

class Service {
 public:
  explicit Service(core::Core& core, unsigned workers = 32);

  // For net::Server.
  void handle(net::Request request, net::Respond respond);
  net::Response server_error(int status, std::string_view code, std::string_view message) const;
  // Lets the requests under way finish.
  void stop() { workers_.stop(); }

 private:
  net::Response run(const Route& route, const net::Request& request, const net::Target& target,
                    std::string_view path, const std::string& request_id);
  void finish(net::Response& response, const std::string& request_id) const;

  core::Core& core_;
  Router router_;
  Workers workers_;
};

}  // namespace vitrine::service
