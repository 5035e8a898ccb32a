// vitrine cose prepare, finish, sign and send: a signed request in its steps (ccf.md 2).
#include <fmt/format.h>

#include "base/base64.h"
#include "base/limits.h"
#include "cli/connection.h"
#include "cli/input.h"
#include "cli/signing.h"
#include "cli/trust.h"
#include "client/governance/api.h"

namespace vitrine::cli {
namespace {

Result<client::SignedRequest> request_of(const CoseOptions& options, const Clock& clock) {
  client::SignedRequest request;
  if (options.type.empty()) {
    return malformed("no type of request is given",
                     "give --type, or --prepared FILE of a command's --prepare");
  }
  VITRINE_TRY(request.type, client::request_type_from(options.type));
  TrustOptions at;
  at.at = options.created_at;
  VITRINE_TRY(const auto created, time_of(at, clock));
  request.created_at = to_unix_seconds(created);
  request.proposal_id = options.proposal_id;
  if (!options.content.empty()) {
    VITRINE_TRY(request.content, read_input(options.content, limits::kRequestBodyBytesMax));
  }
  return request;
}

Result<crypto::Certificate> certificate_in(const CoseOptions& options, const Context& context) {
  SigningOptions signing;
  signing.cert = options.cert;
  return signer_certificate(signing, context);
}

// What is signed: of a file that --prepare wrote, or made anew from the same options.
Result<crypto::CoseSign1> message_of(const CoseOptions& options,
                                     const crypto::Certificate& certificate, const Clock& clock) {
  if (!options.prepared.empty()) {
    VITRINE_TRY(const auto bytes, read_input(options.prepared, limits::kRequestBodyBytesMax));
    auto message = crypto::parse_cose_sign1(bytes, crypto::CoseTag::required);
    if (!message) return in_context(options.prepared, message.error());
    return message;
  }
  if (options.created_at.empty()) {
    return malformed("no --created-at is given: both steps must say the same time",
                     "keep it in a variable: now=$(date -uIs)");
  }
  VITRINE_TRY(const auto request, request_of(options, clock));
  return client::prepare(request, certificate);
}

// Key Vault and the tools of CCF give {"value": base64url of r || s}; padding is allowed.
Result<Bytes> read_signature(const std::string& path) {
  VITRINE_TRY(const auto json, read_json(path));
  const auto value = codec::json::text_of(json, "value");
  if (!value) return malformed(path + ": it has no text \"value\", the base64url of r || s");
  auto signature = from_base64_lenient(*value);
  if (!signature) return in_context(path + ": value", signature.error());
  return signature;
}

Status write_signed(const Bytes& bytes, const std::string& out, Context& context) {
  if (out.empty()) {
    context.out.raw(as_text(bytes));
    return {};
  }
  VITRINE_CHECK(write_public(out, bytes));
  context.out.result(fmt::format("signed ({} bytes), not sent; written to {}\n", bytes.size(), out),
                     {{"out", out}, {"bytes", bytes.size()}});
  return {};
}

}  // namespace

Status run_cose_prepare(const CoseOptions& options, Context& context) {
  VITRINE_TRY(const auto certificate, certificate_in(options, context));
  VITRINE_TRY(const auto message, message_of(options, certificate, context.clock));
  VITRINE_TRY(const auto to_sign, client::to_sign(message));
  const std::string text = codec::json::write(to_json(to_sign)) + "\n";
  if (options.out.empty()) {
    context.out.raw(text);
    return {};
  }
  return write_public(options.out, as_bytes(text));
}

Status run_cose_finish(const CoseOptions& options, Context& context) {
  VITRINE_TRY(const auto certificate, certificate_in(options, context));
  VITRINE_TRY(const auto message, message_of(options, certificate, context.clock));
  VITRINE_TRY(const auto signature, read_signature(options.signature));
  VITRINE_TRY(const auto bytes, client::finish(message, signature, certificate));
  return write_signed(bytes, options.out, context);
}

Status run_cose_sign(const CoseOptions& options, Context& context) {
  VITRINE_TRY(const auto signer, read_signer(options.cert, options.key));
  VITRINE_TRY(const auto request, request_of(options, context.clock));
  VITRINE_TRY(const auto bytes, client::sign(request, signer));
  return write_signed(bytes, options.out, context);
}

Status run_cose_send(const CoseSendOptions& options, Context& context) {
  VITRINE_TRY(const auto bytes, read_input(options.file, limits::kRequestBodyBytesMax));
  VITRINE_TRY(auto service, connect(context));
  auto answer = options.app ? service.propose(bytes) : client::GovernanceApi(service).send(bytes);
  if (!answer) return in_context("send " + options.file, answer.error());
  const std::string text =
      answer->body.is_null() ? "done\n" : codec::json::write_pretty(answer->body) + "\n";
  context.out.result(text, {{"transaction_id", answer->transaction_id}, {"answer", answer->body}});
  return {};
}

}  // namespace vitrine::cli
