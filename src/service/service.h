// The service: takes requests from net, finds their route, learns who calls, spends the route's
// budget on it, and finishes its answer. Holds no rules of the KMS. Safe from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include "base/metrics.h"
#include "core/core.h"
#include "net/server.h"
#include "service/audit_trail.h"
#include "service/budgets.h"
#include "service/metrics.h"
#include "service/public_texts.h"
#include "service/router.h"

namespace vitrine::service {

class Service {
 public:
  // All of them outlive it.
  Service(core::Core& core, metrics::Registry& registry, const BudgetLimits& limits = {},
          TrailSink& trail = TrailSink::none());

  // For net::Server.
  void handle(net::Request request, net::Respond respond);
  net::Response server_error(int status, std::string_view code, std::string_view message);
  void set_wait_max(std::chrono::milliseconds wait_max) { budgets_.set_wait_max(wait_max); }
  // Lets the requests under way finish.
  void stop() { budgets_.stop(); }

 private:
  struct Call;  // one request on its way
  using CallRef = std::shared_ptr<Call>;
  using Step = void (Service::*)(const CallRef&);

  void route(const CallRef& call);
  void identify(const CallRef& call);
  void screen(const CallRef& call);
  void go_on(const CallRef& call);
  void run(const CallRef& call);
  net::Response run_route(Call& call);
  Exchange exchange_of(const Call& call);
  void post(Budget budget, const CallRef& call, Step step);
  void perform(const CallRef& call, Step step);
  void shed(Call& call, Budget budget, Shed why, std::chrono::seconds retry_after);
  void answer(Call& call, net::Response response);
  void finish(net::Response& response, const std::string& request_id) const;

  core::Core& core_;
  const bool dev_;
  Router router_;
  Budgets budgets_;
  Metrics metrics_;
  PublicTexts texts_;
  AuditTrail trail_;
  std::atomic<std::int64_t> overload_said_{0};  // second in which the log last spoke of it
};

}  // namespace vitrine::service
