// What a node answers while it waits for recovery shares (ccf.md 3, 9, 10; docs/recovery.md): its
// state and evidence, the public log, each member's encrypted share, and the shares that members
// give. Everything else is 503. Safe from any thread.
#pragma once

#include "core/waiting_node.h"
#include "net/server.h"
#include "service/log_reader.h"
#include "service/workers.h"

namespace vitrine::service {

class WaitingService {
 public:
  explicit WaitingService(core::WaitingNode& node);  // outlives it

  void handle(net::Request request, net::Respond respond);
  net::Response server_error(int status, std::string_view code, std::string_view message) const;
  // Lets the requests under way finish.
  void stop() { workers_.stop(); }

 private:
  net::Response answer(const net::Request& request) const;
  void add_keys(codec::json::Object& own) const;
  net::Response state() const;
  net::Response network() const;
  net::Response quote() const;
  net::Response recover(const net::Request& request, std::string_view member, bool classic) const;
  std::optional<net::Response> log_answer(const net::Request& request, std::string_view path,
                                          const net::Target& target) const;
  void finish(net::Response& response) const;

  core::WaitingNode& node_;
  const std::shared_ptr<const core::View> view_;  // of the newest signed head; null: none is stored
  Workers workers_;
};

}  // namespace vitrine::service
