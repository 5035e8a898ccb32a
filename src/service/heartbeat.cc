#include "service/routes.h"

namespace vitrine::service {

net::Response get_heartbeat(Exchange& exchange) {
  return ok(exchange, R"({"status":"Service is running"})", exchange.view->state.last_id());
}

}  // namespace vitrine::service
