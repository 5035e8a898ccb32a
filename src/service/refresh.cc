// POST /app/refresh (kms-api.md 2.3).
#include "base/log.h"
#include "core/rotate_key.h"
#include "keys/key.h"
#include "service/authentication.h"
#include "service/routes.h"

namespace vitrine::service {

net::Response post_refresh(Exchange& exchange) {
  if (const auto checked = check_identity(exchange); !checked) return checked.error();

  const auto rotated = core::rotate_key(exchange.core);
  if (!rotated) {
    exchange.note.reason = rotated.error().error.message;
    log::info("refresh refused", {{"reason", rotated.error().error.message}});
    const auto& too_soon = rotated.error().too_soon;
    net::Response response = too_soon ? unavailable_for(too_soon->retry_after)
                             : rotated.error().error.code == Code::unavailable
                                 ? unavailable_for(std::chrono::seconds{1})
                                 : failure(500);
    add_reason(response, rotated.error().error.message);
    return response;
  }
  exchange.note.kid = rotated->key->item.kid;
  log::info("key created", {{"kid", rotated->key->item.kid}});
  return ok(exchange, codec::json::write(keys::public_jwk(rotated->key->item)), rotated->id);
}

}  // namespace vitrine::service
