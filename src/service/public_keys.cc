// GET /app/pubkey and GET /app/listpubkeys (kms-api.md 2.4, 2.5).
#include "base/log.h"
#include "keys/key.h"
#include "service/key_format.h"
#include "service/public_texts.h"
#include "service/routes.h"

namespace vitrine::service {
namespace {

using Form = PublicTexts::Form;

Result<std::string> with_receipt(const core::Core& core, const core::KeyRecord& key, Form form) {
  VITRINE_TRY(const auto receipt, core.key_receipt(key));
  if (form == Form::tink) return codec::json::write(keys::public_tink(key.item, *receipt));
  codec::json::Object jwk = keys::public_jwk(key.item);
  jwk["receipt"] = *receipt;
  return codec::json::write(jwk);
}

}  // namespace

net::Response get_pubkey(Exchange& exchange) {
  const core::KeyTable& table = *exchange.view->state.keys;
  auto kid = exchange.target.find("kid");
  if (kid && kid->empty()) kid.reset();
  auto key =
      kid ? table.find(*kid) : table.newest_exposed(exchange.governance(), exchange.core.now());
  if (!kid && key == nullptr) return failure(400);
  const auto format = key_format(exchange.target);
  if (!format) return failure(400);
  if (key == nullptr) return failure(404);
  if (exchange.governance().compromised_keys.contains(key->item.kid)) {
    net::Response response = failure(404);
    add_reason(response, "this key is compromised: encrypt to the newest");
    return response;
  }

  const Form form = *format == core::KeyFormat::tink ? Form::tink : Form::jwk;
  const auto text =
      exchange.texts.text(*key, form, [&] { return with_receipt(exchange.core, *key, form); });
  if (!text) {
    log::error("no receipt", {{"kid", key->item.kid}, {"reason", text.error().message}});
    return failure(500);
  }
  net::Response response = ok(exchange, **text, exchange.view->state.last_id());
  if (form == Form::tink) add_cache_headers(response);
  return response;
}

net::Response get_listpubkeys(Exchange& exchange) {
  const auto key =
      exchange.view->state.keys->newest_exposed(exchange.governance(), exchange.core.now());
  if (key == nullptr) return failure(400);
  const auto text = exchange.texts.text(*key, Form::listed, [&]() -> Result<std::string> {
    return codec::json::write(keys::listed_keys(key->item));
  });
  if (!text) return failure(500);
  net::Response response = ok(exchange, **text, exchange.view->state.last_id());
  add_cache_headers(response);
  return response;
}

}  // namespace vitrine::service
