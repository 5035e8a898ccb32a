// vitrine member share submit: a member's share, for the node that waits for it and for no other
// (DESIGN.md 4, decision 8; docs/formats/recovery.md).
#include <fmt/format.h>

#include "base/base64.h"
#include "base/file.h"
#include "base/hex.h"
#include "cli/audit_run.h"
#include "cli/connection.h"
#include "cli/input.h"
#include "cli/member_share.h"
#include "cli/signing.h"
#include "client/answer.h"
#include "client/audit/http_source.h"
#include "crypto/hash.h"
#include "governance/admission.h"
#include "governance/recovery_statement.h"

namespace vitrine::cli {
namespace {

using codec::json::Object;

struct WaitingNode {
  Bytes node_key;  // SubjectPublicKeyInfo
  Bytes recovery_key;
  attestation::SnpEvidence evidence;  // no report: it has none
};

Result<Bytes> base64_member(const Object& object, std::string_view name) {
  const auto text = codec::json::text_of(object, name);
  auto bytes = text ? from_base64(*text) : Result<Bytes>(malformed("absent"));
  if (!bytes) return internal("the node's answer: no base64 " + std::string(name));
  return bytes;
}

Result<Object> read_object(client::Service& service, const std::string& path) {
  VITRINE_TRY(const auto response, service.send("GET", path, {}, {}));
  VITRINE_TRY(const auto answer, client::read_answer("GET " + path, response));
  if (!answer.body.is_object()) return internal(path + ": the answer is not an object");
  return answer.body.get_object();
}

Result<Object> own_members(const Object& of) {
  const Object* own = codec::json::object_of(of, "vitrine");
  if (own == nullptr) return internal("the node's answer: no object \"vitrine\"");
  return *own;
}

Status read_evidence(const Object& quote, attestation::SnpEvidence& evidence) {
  VITRINE_TRY(evidence.report, base64_member(quote, "raw"));
  VITRINE_TRY(const Bytes endorsements, base64_member(quote, "endorsements"));
  evidence.endorsements = to_text(endorsements);
  if (quote.contains("uvm_endorsements")) {
    VITRINE_TRY(evidence.uvm_endorsements, base64_member(quote, "uvm_endorsements"));
  }
  evidence.endorsed_tcb = codec::json::text_of(quote, "endorsed_tcb").value_or("");
  return {};
}

Result<WaitingNode> waiting_node(client::Service& service) {
  VITRINE_TRY(const Object state, read_object(service, "/node/state"));
  if (codec::json::text_of(state, "state") != "PartOfPublicNetwork") {
    return conflict("the node does not wait for recovery shares",
                    "vitrine status shows what it does");
  }
  WaitingNode node;
  auto quote = read_object(service, "/node/quotes/self");
  if (!quote && quote.error().code != Code::not_found) return tl::unexpected<Error>(quote.error());
  if (quote) VITRINE_CHECK(read_evidence(*quote, node.evidence));
  VITRINE_TRY(const Object own, own_members(quote ? *quote : state));
  VITRINE_TRY(node.node_key, base64_member(own, "node_key"));
  VITRINE_TRY(node.recovery_key, base64_member(own, "recovery_key"));
  return node;
}

// What the member knows from elsewhere, where governance had not listed it in time.
Status trust_by_hand(governance::JoinPolicy& policy, const ShareSubmitOptions& options) {
  const auto in_hex = [](std::string_view name, const std::string& text,
                         std::size_t size) -> Result<std::string> {
    const auto bytes = from_hex(text);
    if (!bytes || bytes->size() != size)
      return malformed(fmt::format("{}: is not {} hexadecimal digits", name, 2 * size));
    return to_hex(*bytes);
  };
  if (!options.measurement.empty()) {
    VITRINE_TRY(auto measurement, in_hex("--measurement", options.measurement, 48));
    policy.snp_measurements.insert(std::move(measurement));
  }
  if (!options.host_data.empty()) {
    VITRINE_TRY(auto host_data, in_hex("--host-data", options.host_data, 32));
    policy.snp_host_data.emplace(std::move(host_data), std::string());
  }
  return {};
}

Status check_evidence(const WaitingNode& node, governance::State governance, Time now,
                      const ShareSubmitOptions& options) {
  if (node.evidence.report.empty()) {
    if (options.without_evidence) return {};
    return denied("the node shows no evidence: nothing tells which program asks for the share",
                  "where that is meant to be so, say --without-evidence");
  }
  VITRINE_CHECK(trust_by_hand(governance.join_policy, options));
  attestation::VerificationCache cache;
  auto claims = governance::admit(governance, node.evidence, now, cache);
  if (!claims) {
    Error error = claims.error();
    error.hint =
        "what members did not list, who knows from elsewhere that this program is the right one "
        "trusts by --measurement and --host-data";
    return in_context("the node's evidence", std::move(error));
  }
  if (claims->report_data() != governance::recovery_report_data(node.node_key, node.recovery_key)) {
    return denied("the node's evidence does not bind the keys that the node shows");
  }
  return {};
}

std::string head_file(const ShareSubmitOptions& options) {
  if (!options.known_head.empty()) return options.known_head;
  return options.signing.as.empty() ? std::string() : options.signing.as + "_head";
}

// Everything that the node shows of the log, and that it extends what the member knows.
Result<client::audit::Report> audited(const std::string& known_head, Context& to_node) {
  std::vector<std::string> earlier;
  if (!known_head.empty() && exists(known_head)) {
    VITRINE_TRY(auto note, read_text(known_head, kCheckpointBytesMax));
    earlier.push_back(std::move(note));
  }
  VITRINE_TRY(auto config, client_config(to_node));
  const std::string url = config.url;
  VITRINE_TRY(auto http, net::Client::make(std::move(config)));
  client::audit::HttpSource source(url, std::move(http));
  return audit_quietly(source, earlier, false, to_node);
}

Result<governance::RecoveryStatement> statement_of(const WaitingNode& node,
                                                   const client::audit::Report& report,
                                                   std::uint64_t deal) {
  governance::RecoveryStatement statement;
  statement.service = report.standing.service->genesis_hash;
  statement.node = crypto::sha256(node.node_key);
  statement.evidence = crypto::sha256(node.evidence.report);
  statement.deal = deal;
  statement.head_size = report.head.root.roots.size;
  statement.head_root = report.head.root.roots.rfc9162;
  return statement;
}

Status tell(const codec::json::Value& body, const std::string& id, Context& context) {
  const Object* object = body.if_object();
  const auto message = object == nullptr ? std::nullopt : codec::json::text_of(*object, "message");
  Object document;
  document["member"] = id;
  document["answer"] = body;
  context.out.result(fmt::format("given  {}\n", message.value_or("")), document);
  return {};
}

}  // namespace

Status run_share_submit(const ShareSubmitOptions& options, Context& context) {
  VITRINE_TRY(const auto certificate, signer_certificate(options.signing, context));
  const std::string id = to_hex(certificate.der_sha256());
  // The waiting node has no certificate that the service endorsed: who it is its evidence tells,
  // and what it shows is audited against the pinned one.
  Global anyone = context.global;
  anyone.insecure = true;
  Context to_node{anyone, context.clock, context.out};
  VITRINE_TRY(auto service, connect(to_node));
  VITRINE_TRY(const auto node, waiting_node(service));
  const std::string known_head = head_file(options);
  VITRINE_TRY(const auto report, audited(known_head, to_node));
  VITRINE_CHECK(check_evidence(node, *report.standing.governance, context.clock.now(), options));

  client::GovernanceApi api(service);
  VITRINE_TRY(const auto answer, api.encrypted_share(id));
  if (!answer.body.is_object()) return internal("encrypted share: the answer is not an object");
  VITRINE_TRY(const auto encrypted, encrypted_share_from(answer.body.get_object()));
  const ShareOptions keys{options.signing, options.encryption_key, {}, {}};
  VITRINE_TRY(const auto clear, decrypt_share(encrypted.encrypted, keys));
  VITRINE_TRY(auto statement, statement_of(node, report, encrypted.deal));
  VITRINE_CHECK(governance::seal_share(statement, node.recovery_key, clear.reveal()));

  client::SignedRequest request;
  request.type = client::RequestType::recovery_share;
  request.created_at = to_unix_seconds(context.clock.now());
  request.content = to_bytes(statement.to_json());
  VITRINE_TRY(const auto bytes, sign_or_write(request, options.signing, context, {}));
  if (!known_head.empty())
    VITRINE_CHECK(write_file_atomically(known_head, as_bytes(report.head.checkpoint), 0644));
  if (!bytes) return {};
  const auto given = api.submit_share(id, *bytes);
  if (!given) return in_context("recovery share", given.error());
  return tell(given->body, id, context);
}

}  // namespace vitrine::cli
