// vitrine propose: signs a proposal as a user and sends it (kms-api.md 8.1).
#include <fmt/format.h>

#include "base/limits.h"
#include "cli/commands.h"
#include "cli/connection.h"
#include "cli/input.h"
#include "crypto/cose.h"
#include "governance/actions.h"
#include "governance/state.h"

namespace vitrine::cli {
namespace {

using codec::cbor::Value;

constexpr std::int64_t kLabelAlgorithm = 1;
constexpr std::int64_t kLabelKid = 4;

struct Signer {
  crypto::Certificate certificate;
  crypto::PrivateKey key;
};

Result<Signer> read_signer(const ProposeOptions& options, const Global& global) {
  const std::string cert = options.cert.empty() ? global.common + "/user0_cert.pem" : options.cert;
  const std::string key = options.key.empty() ? global.common + "/user0_privk.pem" : options.key;
  VITRINE_TRY(const auto pem, read_text(cert, limits::kPemBytesMax));
  auto certificate = crypto::Certificate::from_pem(pem);
  if (!certificate) return in_context("signer's certificate " + cert, certificate.error());
  VITRINE_TRY(const auto secret, read_secret(key, limits::kPemBytesMax));
  auto private_key = crypto::PrivateKey::from_pem(as_text(secret.reveal()));
  if (!private_key) return in_context("signer's key " + key, private_key.error());
  if (!(private_key->public_key() == certificate->public_key())) {
    return malformed("signer's key " + key + " is not the one of " + cert);
  }
  return Signer{std::move(*certificate), std::move(*private_key)};
}

Result<std::int64_t> cose_algorithm_of(crypto::KeyKind kind) {
  switch (kind) {
    case crypto::KeyKind::ec_p256:
      return -7;
    case crypto::KeyKind::ec_p384:
      return -35;
    case crypto::KeyKind::ec_p521:
      return -36;
    default:
      break;
  }
  return malformed("signer's key is not on P-256, P-384 or P-521",
                   "governance accepts ES256, ES384 and ES512 only");
}

Result<Bytes> sign_proposal(const Signer& signer, std::string_view proposal, Time now) {
  VITRINE_TRY(const auto algorithm, cose_algorithm_of(signer.key.kind()));
  const std::string kid = governance::identity_of(signer.certificate);
  const Value header = Value::map({
      {Value::integer(kLabelAlgorithm), Value::integer(algorithm)},
      {Value::integer(kLabelKid), Value::bytes(as_bytes(kid))},
      {Value::text("ccf.gov.msg.type"), Value::text("proposal")},
      {Value::text("ccf.gov.msg.created_at"), Value::integer(to_unix_seconds(now))},
  });
  return crypto::sign_cose_sign1(header, Value::map({}), as_bytes(proposal), signer.key);
}

std::string names_of(const std::vector<governance::Action>& actions) {
  std::string names;
  for (const auto& action : actions) names += (names.empty() ? "" : ", ") + action.name;
  return names.empty() ? "no actions" : names;
}

// One line for each action: its proposal's id and state.
std::string describe_answer(const codec::json::Value& body) {
  Grid grid({"proposal", "state"});
  if (!body.is_array()) return {};
  for (const auto& item : body.get_array()) {
    if (!item.is_object()) continue;
    const auto& object = item.get_object();
    grid.add({std::string(codec::json::text_of(object, "proposal_id").value_or("?")),
              std::string(codec::json::text_of(object, "state").value_or("?"))});
  }
  return grid.to_text();
}

}  // namespace

Status run_propose(const ProposeOptions& options, Context& context) {
  VITRINE_TRY(const auto text, read_text(options.file, limits::kRequestBodyBytesMax));
  const auto proposal = codec::json::parse_object(text);
  if (!proposal) return in_context("proposal " + options.file, proposal.error());
  const auto actions = governance::actions_from_json(*proposal);
  if (!actions) return in_context("proposal " + options.file, actions.error());
  VITRINE_TRY(const auto signer, read_signer(options, context.global));
  VITRINE_TRY(const auto envelope, sign_proposal(signer, text, context.clock.now()));
  codec::json::Object document;
  document["signer"] = governance::identity_of(signer.certificate);
  if (!options.cose_out.empty()) {
    VITRINE_CHECK(write_public(options.cose_out, envelope));
    document["out"] = options.cose_out;
    context.out.result(fmt::format("signed {} ({} bytes), not sent; written to {}\n",
                                   names_of(*actions), envelope.size(), options.cose_out),
                       document);
    return {};
  }
  VITRINE_TRY(auto service, connect(context));
  auto answer = service.propose(envelope);
  if (!answer) return in_context("proposal of " + names_of(*actions), answer.error());
  document["transaction_id"] = answer->transaction_id;
  document["proposals"] = answer->body;
  context.out.result(
      fmt::format("accepted by the service: {}\n{}transaction  {}\n", names_of(*actions),
                  describe_answer(answer->body), answer->transaction_id),
      document);
  return {};
}

}  // namespace vitrine::cli
