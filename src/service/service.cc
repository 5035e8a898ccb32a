#include "service/service.h"

#include <fmt/format.h>

#include <exception>

#include "base/log.h"
#include "service/authentication.h"
#include "service/hand_off.h"

namespace vitrine::service {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kLoggedPathBytesMax = 128;

Router every_route(Random& random) {
  Router router;
  add_kms_routes(router);
  add_node_routes(router);
  add_recovery_routes(router);
  add_hand_off_routes(router, random);
  add_log_routes(router);
  add_governance_routes(router);
  add_classic_governance_routes(router);
  return router;
}

}  // namespace

struct Service::Call {
  Call(net::Request request_in, net::Respond respond_in)
      : request(std::move(request_in)), respond(std::move(respond_in)) {}

  net::Request request;
  net::Respond respond;
  net::Target target;
  std::string path, request_id;
  const Route* route = nullptr;
  SteadyClock::time_point began = SteadyClock::now();
  // Whom the route's endpoint let in, by which governance state.
  CallerRef caller;
  std::optional<Digest> identified_by;
  TrailNote note;

  std::string_view kind_of_caller() const {
    if (caller != nullptr) return governance::name_of(caller->policy);
    const bool asked = route != nullptr && !route->endpoint.empty();
    return asked && !identified_by ? "unknown" : "anyone";
  }
};

Service::Service(core::Core& core, metrics::Registry& registry, const BudgetLimits& limits,
                 TrailSink& trail)
    : core_(core),
      dev_(core.view()->state.governance->settings.dev),
      router_(every_route(core.random())),
      budgets_(limits),
      metrics_(registry, core, router_, budgets_),
      trail_(core, registry, trail) {}

void Service::handle(net::Request request, net::Respond respond) {
  const auto call = std::make_shared<Call>(std::move(request), std::move(respond));
  call->request_id = request_id_of(call->request, core_.now());
  perform(call, &Service::route);
}

// Each step of a request runs here: its log lines carry the request's id, and nothing that is
// thrown gets past.
void Service::perform(const CallRef& call, Step step) {
  const log::Context context("request", call->request_id);
  try {
    (this->*step)(call);
  } catch (const std::exception&
               error) {  // the last door: memory, or a library that threw where it says it does not
    log::error("handler threw", {{"reason", error.what()}});
    answer(*call, framework_error(500, "InternalError", "Exception thrown while executing."));
  }
}

void Service::route(const CallRef& call) {
  auto target = net::parse_target(call->request.target);
  if (!target) return answer(*call, framework_error(400, "InvalidInput", target.error().message));
  call->target = *std::move(target);
  call->path = without_app(call->target.path);
  net::Response error;
  call->route = router_.find(call->request.method, call->path, error);
  if (call->route == nullptr) return answer(*call, std::move(error));
  if (call->route->of_application && core_.view()->state.governance->opening)
    return answer(*call, framework_error(404, "FrontendNotOpen", "The service is not open yet."));
  if (call->route->screen) return post(Budget::open, call, &Service::screen);
  if (call->route->endpoint.empty()) return go_on(call);

  // Who can be told apart without a signature is: an unknown caller spends the open budget until it
  // is known, and never another.
  const Exchange exchange(core_, metrics_, texts_, call->request, call->target, call->path);
  auto caller = recognise(exchange, call->route->endpoint);
  if (!caller) return post(Budget::open, call, &Service::identify);
  if (!*caller) return answer(*call, std::move(*caller).error());
  call->caller = **std::move(caller);
  call->identified_by = exchange.view->state.governance_ref.digest;
  go_on(call);
}

// On the open budget.
void Service::identify(const CallRef& call) {
  const Exchange exchange(core_, metrics_, texts_, call->request, call->target, call->path);
  auto caller = authenticate(exchange, call->route->endpoint);
  if (!caller) return answer(*call, std::move(caller).error());
  call->caller = *std::move(caller);
  call->identified_by = exchange.view->state.governance_ref.digest;
  if (call->route->budget == Budget::open) return run(call);
  go_on(call);
}

// On the open budget.
void Service::screen(const CallRef& call) {
  Exchange exchange = exchange_of(*call);
  auto refusal = call->route->screen(exchange);
  if (!refusal) return go_on(call);
  call->note = std::move(exchange.note);
  answer(*call, *std::move(refusal));
}

void Service::go_on(const CallRef& call) {
  if (call->route->budget == Budget::immediate) return run(call);
  post(call->route->budget, call, &Service::run);
}

void Service::run(const CallRef& call) { answer(*call, run_route(*call)); }

Exchange Service::exchange_of(const Call& call) {
  Exchange exchange(core_, metrics_, texts_, call.request, call.target, call.path);
  if (is_pattern(call.route->path))
    exchange.parameters = match_path(call.route->path, call.path).value_or(PathParameters());
  exchange.request_id = call.request_id;
  return exchange;
}

net::Response Service::run_route(Call& call) {
  Exchange exchange = exchange_of(call);
  // Where governance changed while the call waited, the caller is asked again.
  if (call.identified_by && *call.identified_by != exchange.view->state.governance_ref.digest) {
    auto caller = authenticate(exchange, call.route->endpoint);
    if (!caller) return std::move(caller).error();
    call.caller = *std::move(caller);
  }
  exchange.caller = call.caller;
  net::Response response = call.route->run(exchange);
  call.note = std::move(exchange.note);
  return response;
}

void Service::post(Budget budget, const CallRef& call, Step step) {
  Workers::Job job;
  job.run = [this, call, step] { perform(call, step); };
  job.drop = [this, call, budget](std::chrono::seconds retry_after) {
    shed(*call, budget, Shed::late, retry_after);
  };
  if (const auto retry_after = budgets_.post(budget, std::move(job)))
    shed(*call, budget, Shed::full, *retry_after);
}

// Nothing of the request has happened. The log says so once a second, not once a request.
void Service::shed(Call& call, Budget budget, Shed why, std::chrono::seconds retry_after) {
  metrics_.shed(budget, why);
  const std::int64_t second = to_unix_seconds(core_.now());
  if (overload_said_.exchange(second) != second)
    log::warning("too many requests", {{"budget", std::string(name_of(budget))}});
  net::Response response =
      framework_error(503, "TooManyPendingTransactions", "Too many requests are waiting.");
  add_header(response, "retry-after", std::to_string(retry_after.count()));
  answer(call, std::move(response));
}

void Service::answer(Call& call, net::Response response) {
  finish(response, call.request_id);
  const auto took = SteadyClock::now() - call.began;
  metrics_.answered(call.route, response.status, took);
  if (call.route != nullptr) {
    const bool known = call.identified_by || call.route->endpoint.empty();
    trail_.answered(
        {*call.route, response, call.note, call.request_id, call.caller.get(), known, took});
  }
  // What costs the service little must not fill the operator's disk: such lines are for debugging.
  const bool spent = call.route != nullptr && call.route->budget != Budget::immediate;
  const auto level = spent && response.status != 503 ? log::Level::info : log::Level::debug;
  if (log::enabled(level)) {
    log::write(
        level, "request",
        {{"method", call.request.method},
         {"path", call.path.substr(0, kLoggedPathBytesMax)},
         {"status", std::to_string(response.status)},
         {"ms", fmt::format("{:.3f}", std::chrono::duration<double, std::milli>(took).count())},
         {"caller", std::string(call.kind_of_caller())}});
  }
  call.respond(std::move(response));
}

net::Response Service::server_error(int status, std::string_view code, std::string_view message) {
  metrics_.answered(nullptr, status, std::chrono::nanoseconds(0));
  net::Response response = framework_error(status, code, message);
  finish(response, std::to_string(to_unix_ms(core_.now())));
  return response;
}

void Service::finish(net::Response& response, const std::string& request_id) const {
  add_header(response, "x-ms-kms-request-id", request_id);
  if (dev_) add_header(response, "x-vitrine-dev", "1");
}

}  // namespace vitrine::service
