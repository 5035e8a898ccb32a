#include "service/service.h"

#include <exception>

#include "base/log.h"

namespace vitrine::service {
namespace {

constexpr std::size_t kQueuedMax = 1024;

}  // namespace

Service::Service(core::Core& core, unsigned workers) : core_(core), workers_(workers, kQueuedMax) {
  add_kms_routes(router_);
  add_node_routes(router_);
}

void Service::handle(net::Request request, net::Respond respond) {
  std::string request_id = request_id_of(request, core_.now());
  auto target = net::parse_target(request.target);
  if (!target) {
    net::Response response = framework_error(400, "InvalidInput", target.error().message);
    finish(response, request_id);
    respond(std::move(response));
    return;
  }
  const std::string path(without_app(target->path));
  net::Response error;
  const Route* route = router_.find(request.method, path, error);
  if (route == nullptr) {
    finish(error, request_id);
    respond(std::move(error));
    return;
  }
  if (route->cost == Cost::small) {
    respond(run(*route, request, *target, path, request_id));
    return;
  }
  // std::function wants copies: what the job needs is shared.
  struct Job {
    net::Request request;
    net::Target target;
    std::string path, request_id;
    net::Respond respond;
  };
  auto job = std::make_shared<Job>(
      Job{std::move(request), *std::move(target), path, std::move(request_id), std::move(respond)});
  const bool taken = workers_.post([this, route, job] {
    job->respond(run(*route, job->request, job->target, job->path, job->request_id));
  });
  if (!taken) {
    net::Response response =
        framework_error(503, "TooManyPendingTransactions", "Too many requests are waiting.");
    add_header(response, "retry-after", "1");
    finish(response, job->request_id);
    job->respond(std::move(response));
  }
}

net::Response Service::run(const Route& route, const net::Request& request,
                           const net::Target& target, std::string_view path,
                           const std::string& request_id) {
  Exchange exchange(core_, request, target, std::string(path), request_id);
  net::Response response;
  try {
    response = route.run(exchange);
  } catch (const std::exception&
               error) {  // the last door: memory, or a library that threw where it says it does not
    log::error("handler threw",
               {{"request", request_id}, {"path", std::string(path)}, {"reason", error.what()}});
    response = framework_error(500, "InternalError", "Exception thrown while executing.");
  }
  finish(response, request_id);
  if (log::enabled(log::Level::debug)) {
    log::debug("request", {{"request", request_id},
                           {"method", request.method},
                           {"path", std::string(path)},
                           {"status", std::to_string(response.status)}});
  }
  return response;
}

net::Response Service::server_error(int status, std::string_view code,
                                    std::string_view message) const {
  net::Response response = framework_error(status, code, message);
  finish(response, std::to_string(to_unix_ms(core_.now())));
  return response;
}

void Service::finish(net::Response& response, const std::string& request_id) const {
  add_header(response, "x-ms-kms-request-id", request_id);
  if (core_.view()->state.governance->settings.dev) add_header(response, "x-vitrine-dev", "1");
}

}  // namespace vitrine::service
