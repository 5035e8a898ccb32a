#include "client/service.h"

#include "base/base64.h"

namespace vitrine::client {
namespace {

using codec::json::Object;

constexpr std::string_view kJson = "application/json";

std::string query_of(std::string_view kid, KeyFormat format) {
  std::string query = "?fmt=" + std::string(name_of(format));
  if (!kid.empty()) query += "&kid=" + percent_encoded(kid);
  return query;
}

Result<Object> object_of(std::string_view attempted, const Answer& answer) {
  if (!answer.body.is_object()) {
    return internal(std::string(attempted) + ": the service's answer is not a JSON object");
  }
  return answer.body.get_object();
}

Result<std::string> text_member(std::string_view attempted, const Object& object,
                                std::string_view member) {
  const auto text = codec::json::text_of(object, member);
  if (!text) {
    return internal(std::string(attempted) + ": the service's answer has no text member " +
                    std::string(member));
  }
  return std::string(*text);
}

Result<PublicKeyAnswer> public_key_answer(std::string_view attempted, const Answer& answer) {
  VITRINE_TRY(auto object, object_of(attempted, answer));
  auto key = public_key_from_json(object);
  if (!key) return in_context(std::string(attempted), key.error());
  return PublicKeyAnswer{std::move(*key), std::move(object), answer.transaction_id};
}

// Peers say 400 where there are no keys at all (kms-api.md 2.4, 2.5): what we send is well formed.
tl::unexpected<Error> no_keys(Error error) {
  if (error.code != Code::malformed) return tl::unexpected<Error>(std::move(error));
  return not_found("the service has no key yet", "make one with: vitrine keys refresh");
}

// /key has no error codes; a reason alone says that evidence or policy refused (decisions.md,
// Wire).
tl::unexpected<Error> refused_key(Error error, const net::Response& response) {
  const bool undecided = response.status == 400 || response.status == 500;
  if (undecided && net::find_header(response.headers, "x-vitrine-reason")) {
    error.code = Code::denied;
  }
  return tl::unexpected<Error>(std::move(error));
}

std::string_view path_of(PolicyKind kind) {
  switch (kind) {
    case PolicyKind::release:
      return "/app/keyReleasePolicy";
    case PolicyKind::jwt:
      return "/app/jwtValidationPolicy";
    case PolicyKind::rotation:
      return "/app/keyRotationPolicy";
    case PolicyKind::settings:
      return "/app/settingsPolicy";
  }
  return "";
}

}  // namespace

std::string_view name_of(PolicyKind kind) {
  switch (kind) {
    case PolicyKind::release:
      return "release";
    case PolicyKind::jwt:
      return "jwt";
    case PolicyKind::rotation:
      return "rotation";
    case PolicyKind::settings:
      return "settings";
  }
  return "";
}

Result<PolicyKind> policy_kind_from(std::string_view name) {
  for (const auto kind :
       {PolicyKind::release, PolicyKind::jwt, PolicyKind::rotation, PolicyKind::settings}) {
    if (name_of(kind) == name) return kind;
  }
  return malformed("policy " + std::string(name) + " is not release, jwt, rotation or settings");
}

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

Result<Service> Service::connect(net::ClientConfig config) {
  VITRINE_TRY(auto http, net::Client::make(std::move(config)));
  return Service(std::move(http));
}

Result<net::Response> Service::send(std::string method, std::string target, std::string body,
                                    std::string_view content_type) {
  net::Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.body = std::move(body);
  if (!content_type.empty()) {
    request.headers.emplace_back("content-type", std::string(content_type));
  }
  if (token_.empty()) return http_->send(request);
  std::string bearer = "Bearer ";
  bearer.reserve(bearer.size() + token_.size());  // so that no copy is left behind
  bearer += as_text(token_.reveal());
  request.headers.emplace_back("authorization", std::move(bearer));
  auto response = http_->send(request);
  wipe(request.headers.back().second);
  return response;
}

Result<Answer> Service::get(const std::string& target) {
  VITRINE_TRY(const auto response, send("GET", target, {}, {}));
  return read_answer("GET " + target, response);
}

Result<Answer> Service::post(const std::string& target, std::string body,
                             std::string_view content_type) {
  VITRINE_TRY(const auto response, send("POST", target, std::move(body), content_type));
  return read_answer("POST " + target, response);
}

Result<Answer> Service::transaction(std::string_view id) {
  return get("/app/tx?transaction_id=" + percent_encoded(id));
}

Result<Answer> Service::receipt(std::string_view id) {
  return get("/app/receipt?transaction_id=" + percent_encoded(id));
}

Result<PublicKeyAnswer> Service::pubkey(std::string_view kid, KeyFormat format) {
  auto answer = get("/app/pubkey" + query_of(kid, format));
  if (!answer && kid.empty()) return no_keys(std::move(answer).error());
  if (!answer && answer.error().code == Code::not_found) {
    return not_found("the service has no key " + std::string(kid));
  }
  if (!answer) return tl::unexpected<Error>(std::move(answer).error());
  return public_key_answer("GET /app/pubkey", *answer);
}

Result<Answer> Service::list_pubkeys() {
  auto answer = get("/app/listpubkeys");
  if (!answer) return no_keys(std::move(answer).error());
  return answer;
}

Result<PublicKeyAnswer> Service::refresh() {
  VITRINE_TRY(const auto answer, post("/app/refresh", {}, {}));
  return public_key_answer("POST /app/refresh", answer);
}

Result<KeyAnswer> Service::key(const Object& attestation, std::string_view kid, KeyFormat format) {
  constexpr std::string_view kAttempted = "POST /app/key";
  Object body;
  body["attestation"] = attestation;
  VITRINE_TRY(const auto response,
              send("POST", "/app/key" + query_of(kid, format), codec::json::write(body), kJson));
  const auto answer = read_answer(kAttempted, response);
  if (!answer) return refused_key(answer.error(), response);
  VITRINE_TRY(const auto object, object_of(kAttempted, *answer));
  KeyAnswer key;
  VITRINE_TRY(key.kid, text_member(kAttempted, object, "wrappedKid"));
  VITRINE_TRY(key.wrapped, text_member(kAttempted, object, "wrapped"));
  VITRINE_TRY(key.receipt, text_member(kAttempted, object, "receipt"));
  key.transaction_id = answer->transaction_id;
  return key;
}

Result<UnwrapAnswer> Service::unwrap(const UnwrapRequest& request) {
  constexpr std::string_view kAttempted = "POST /app/unwrapKey";
  Object body;
  body["wrapped"] = "";  // the placeholder is not read (kms-api.md 2.7)
  body["wrappedKid"] = request.kid;
  body["attestation"] = request.attestation;
  body["wrappingKey"] = request.wrapping_key_pem;
  VITRINE_TRY(const auto answer, post("/app/unwrapKey" + query_of({}, request.format),
                                      codec::json::write(body), kJson));
  VITRINE_TRY(const auto object, object_of(kAttempted, answer));
  UnwrapAnswer unwrapped;
  VITRINE_TRY(const auto wrapped, text_member(kAttempted, object, "wrapped"));
  auto ciphertext = from_base64(wrapped);
  if (!ciphertext) return internal("POST /app/unwrapKey: wrapped is not base64");
  unwrapped.wrapped = std::move(*ciphertext);
  VITRINE_TRY(unwrapped.receipt, text_member(kAttempted, object, "receipt"));
  unwrapped.transaction_id = answer.transaction_id;
  return unwrapped;
}

// Peers say 500 where no release policy is set, and 404 for a rotation policy (kms-api.md 2.8).
Result<Answer> Service::policy(PolicyKind kind) {
  auto answer = get(std::string(path_of(kind)));
  const auto unset = kind == PolicyKind::release ? Code::internal : Code::not_found;
  if (!answer && answer.error().code == unset) {
    return not_found("no " + std::string(name_of(kind)) + " policy is set",
                     "set one with: vitrine propose FILE");
  }
  return answer;
}

Result<Answer> Service::propose(ByteView cose_sign1) {
  return post("/app/proposals", to_text(cose_sign1), "application/cose");
}

}  // namespace vitrine::client
