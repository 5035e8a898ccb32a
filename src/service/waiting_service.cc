#include "service/waiting_service.h"

#include "base/base64.h"
#include "base/hex.h"
#include "service/exchange.h"
#include "service/gov_checks.h"
#include "service/gov_recovery.h"
#include "service/path_pattern.h"
#include "service/quote.h"

namespace vitrine::service {
namespace {

using codec::json::Object;

constexpr std::string_view kSharePath = "/gov/recovery/encrypted-shares/{memberId}";
constexpr std::string_view kRecoverPath = "/gov/recovery/members/{memberId}:recover";
constexpr std::string_view kClassicSharePath = "/gov/encrypted_recovery_share/{memberId}";
constexpr std::string_view kClassicRecoverPath = "/gov/recovery_share";

net::Response json_answer(const Object& body) {
  net::Response response;
  add_header(response, "content-type", "application/json");
  response.body = codec::json::write(body);
  return response;
}

net::Response waiting() {
  net::Response response = framework_error(
      503, "ServiceUnavailable",
      "This node waits for recovery shares: it has not the service's secrets (GET /node/state).");
  add_header(response, "retry-after", "10");
  return response;
}

// The last head that the ledger holds signed; its reader needs no more of a view.
std::shared_ptr<const core::View> view_of(const core::WaitingNode& node) {
  auto head = node.signed_head();
  if (!head) return nullptr;
  return std::make_shared<const core::View>(
      core::View{node.state(), *std::move(head), node.trees()});
}

}  // namespace

WaitingService::WaitingService(core::WaitingNode& node)
    : node_(node), view_(view_of(node)), workers_({}) {}

void WaitingService::handle(net::Request request, net::Respond respond) {
  const auto shared = std::make_shared<std::pair<net::Request, net::Respond>>(std::move(request),
                                                                              std::move(respond));
  const auto send = [this, shared](net::Response response) {
    finish(response);
    shared->second(std::move(response));
  };
  Workers::Job job;
  job.run = [this, shared, send] { send(answer(shared->first)); };
  job.drop = [send](std::chrono::seconds retry_after) { send(unavailable_for(retry_after)); };
  if (const auto retry_after = workers_.post(std::move(job))) send(unavailable_for(*retry_after));
}

net::Response WaitingService::server_error(int status, std::string_view code,
                                           std::string_view message) const {
  net::Response response = framework_error(status, code, message);
  finish(response);
  return response;
}

void WaitingService::finish(net::Response& response) const {
  if (node_.state().governance->settings.dev) add_header(response, "x-vitrine-dev", "1");
}

net::Response WaitingService::answer(const net::Request& request) const {
  const auto target = net::parse_target(request.target);
  if (!target) return framework_error(400, "InvalidInput", target.error().message);
  const std::string_view path = target->path;
  if (request.method == "GET") {
    if (path == "/node/state") return state();
    if (path == "/node/network") return network();
    if (path == "/node/version") return version_answer();
    if (path == "/node/quotes/self" || path == "/node/attestations/self") return quote();
    if (const auto found = match_path(kSharePath, path)) {
      if (auto refused = check_api_version(*target)) return *std::move(refused);
      return encrypted_share_answer(node_.state(), found->front().second, false);
    }
    if (const auto found = match_path(kClassicSharePath, path))
      return encrypted_share_answer(node_.state(), found->front().second, true);
    if (auto log = log_answer(request, path, *target)) return *std::move(log);
  }
  if (request.method == "POST") {
    if (const auto found = match_path(kRecoverPath, path)) {
      if (auto refused = check_api_version(*target)) return *std::move(refused);
      return recover(request, found->front().second, false);
    }
    if (path == kClassicRecoverPath) return recover(request, {}, true);
  }
  return waiting();
}

// What its report data binds (docs/formats/recovery.md), and all that tells the node where there is
// no evidence.
void WaitingService::add_keys(Object& own) const {
  own["node_key"] = to_base64(node_.node_key().public_key().spki());
  own["recovery_key"] = to_base64(node_.recovery_key());
}

net::Response WaitingService::state() const {
  const auto progress = node_.progress();
  Object body;
  body["node_id"] = to_hex(node_.node_key().public_key().spki_sha256());
  body["state"] = progress.complete() ? "ReadingPrivateLedger" : "PartOfPublicNetwork";
  body["last_signed_seqno"] = view_ == nullptr ? 0 : view_->head.root.roots.size;
  body["startup_seqno"] = node_.state().size;
  body["recovery_target_seqno"] = node_.state().size;
  body["stop_notice"] = false;
  // Ours: what it waits for.
  Object own;
  own["waits_for"] = "recovery shares";
  own["shares_given"] = progress.given;
  own["shares_needed"] = progress.threshold;
  own["deal"] = node_.deal().seqno;
  add_keys(own);
  body["vitrine"] = std::move(own);
  return json_answer(body);
}

net::Response WaitingService::network() const {
  const core::State& state = node_.state();
  Object body;
  body["service_status"] = "WaitingForRecoveryShares";
  body["service_certificate"] = state.service->certificate.pem();
  body["current_view"] = state.view;
  body["primary_id"] = to_hex(node_.node_key().public_key().spki_sha256());
  body["recovery_count"] = state.recovery.count;
  body["service_data"] = nullptr;
  body["current_service_create_txid"] = ledger::to_text(state.service->created);
  Object own;
  own["dev"] = state.governance->settings.dev;
  own["seal"] = node_.seal_kind();
  own["rollback_guard"] = state.governance->settings.rollback_guard;
  own["log_origin"] = state.service->log_origin;
  own["genesis_hash"] = to_hex(state.service->genesis_hash);
  body["vitrine"] = std::move(own);
  return json_answer(body);
}

net::Response WaitingService::quote() const {
  if (node_.evidence().report.empty()) {
    return framework_error(404, "ResourceNotFound",
                           "This node runs in no TEE and has no evidence to give.");
  }
  Object body = quote_of(to_hex(node_.node_key().public_key().spki_sha256()), node_.evidence());
  Object own;
  own["genesis_hash"] = to_hex(node_.state().service->genesis_hash);
  add_keys(own);
  body["vitrine"] = std::move(own);
  return json_answer(body);
}

net::Response WaitingService::recover(const net::Request& request, std::string_view member,
                                      bool classic) const {
  if (auto refused = check_cose_content(request, governance::Signers::active_members))
    return *std::move(refused);
  const Bytes envelope = to_bytes(request.body);
  const auto given = node_.give(member, envelope);
  if (!given) return share_refused(given.error());
  const std::string done = std::to_string(given->given) + "/" + std::to_string(given->threshold) +
                           " recovery shares successfully submitted" +
                           (given->complete() ? "\nEnd of recovery procedure initiated" : "");
  Object body;
  body["message"] = done;
  if (!classic) {
    body["submittedCount"] = given->given;
    body["recoveryThreshold"] = given->threshold;
    body["fullKeySubmitted"] = false;
  }
  return json_answer(body);
}

std::optional<net::Response> WaitingService::log_answer(const net::Request& request,
                                                        std::string_view path,
                                                        const net::Target& target) const {
  if (view_ == nullptr) return std::nullopt;
  const LogReader log{node_.store(), *view_};
  if (path == "/checkpoint") return log.checkpoint(request);
  if (path == "/head") return log.signed_head(request);
  if (path.starts_with("/tile/")) return log.tile(path);
  if (path.starts_with("/blob/")) return log.blob(path, target);
  return std::nullopt;
}

}  // namespace vitrine::service
