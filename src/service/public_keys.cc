// GET /app/pubkey and GET /app/listpubkeys (kms-api.md 2.4, 2.5).
#include "base/log.h"
#include "keys/key.h"
#include "service/key_format.h"
#include "service/routes.h"

namespace vitrine::service {

net::Response get_pubkey(Exchange& exchange) {
  const core::KeyTable& table = *exchange.view->state.keys;
  auto kid = exchange.target.find("kid");
  if (kid && kid->empty()) kid.reset();
  auto key = kid ? table.find(*kid)
                 : table.newest_exposed(exchange.governance().rotation_policy, exchange.core.now());
  if (!kid && key == nullptr) return failure(400);
  const auto format = key_format(exchange.target);
  if (!format) return failure(400);
  if (key == nullptr) return failure(404);

  const auto receipt = exchange.core.key_receipt(*key);
  if (!receipt) {
    log::error("no receipt", {{"kid", key->item.kid}, {"reason", receipt.error().message}});
    return failure(500);
  }
  if (*format == core::KeyFormat::tink) {
    net::Response response = ok(exchange, keys::public_tink(key->item, **receipt));
    add_cache_headers(response);
    return response;
  }
  codec::json::Object jwk = keys::public_jwk(key->item);
  jwk["receipt"] = **receipt;
  return ok(exchange, jwk);
}

net::Response get_listpubkeys(Exchange& exchange) {
  const auto key = exchange.view->state.keys->newest_exposed(exchange.governance().rotation_policy,
                                                             exchange.core.now());
  if (key == nullptr) return failure(400);
  net::Response response = ok(exchange, keys::listed_keys(key->item));
  add_cache_headers(response);
  return response;
}

}  // namespace vitrine::service
