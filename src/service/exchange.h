// One request as the routes see it, and the answers they have in common (kms-api.md 1.3, 1.6;
// ccf.md 6).
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "codec/json.h"
#include "core/core.h"
#include "net/http.h"
#include "net/target.h"
#include "service/path_pattern.h"

namespace vitrine::service {

class Metrics;
class PublicTexts;

using CallerRef = std::shared_ptr<const governance::Caller>;

// What a route tells the operators' trail (service/audit_trail.h) beyond its answer; each may be
// empty. Never a secret, never a token.
struct TrailNote {
  std::string kid;     // of the key asked for
  std::string signer;  // whose signed request it was, once its signature is verified
  std::string reason;  // why it was refused
};

struct Exchange {
  Exchange(core::Core& core_in, Metrics& metrics_in, PublicTexts& texts_in,
           const net::Request& request_in, const net::Target& target_in, std::string_view path_in);

  core::Core& core;
  Metrics& metrics;
  PublicTexts& texts;
  std::shared_ptr<const core::View> view;  // what this request is judged by, unless it writes
  const net::Request& request;
  const net::Target& target;
  std::string_view path;        // without "/app"
  PathParameters parameters;    // of it, as the pattern of its route names them
  std::string_view request_id;  // as the answer will carry it
  TrailNote note;
  // Whom the route's endpoint let in; nullptr where it lets anyone in, or asks nobody.
  CallerRef caller;

  const governance::State& governance() const { return *view->state.governance; }
  // What the path says there; it is part of the route's pattern.
  std::string_view parameter(std::string_view name) const;
  // The body as a JSON object; nullptr for what counts as no body: not strict JSON, not an object
  // (kms-api.md 1.2).
  const codec::json::Object* body();

 private:
  std::optional<codec::json::Value> parsed_;
  bool read_ = false;
};

// 200 with a JSON body and the id of the last write, or of this write.
net::Response ok(const Exchange& exchange, const codec::json::Value& body);
net::Response ok(const Exchange& exchange, std::string json_text, ledger::TransactionId id);
// 200 with another type of content, or, where it is empty, without a name for it.
net::Response ok_as(std::string_view content_type, const Exchange& exchange, std::string body);
net::Response no_content();
net::Response version_answer();  // what GET /node/version answers, of any node
net::Response no_content(ledger::TransactionId id);

// A failure that the KMS decides: empty body (kms-api.md 1.3).
net::Response failure(int status);
net::Response unavailable_for(std::chrono::seconds retry_after);
// A failure that the framework decides: {"error":{"code","message"}}.
net::Response framework_error(int status, std::string_view code, std::string_view message);
// Its 401, with one detail for each authentication policy that was tried (ccf.md 6).
net::Response unauthenticated(codec::json::Array details);

void add_header(net::Response& response, std::string_view name, std::string_view value);
// Client-supplied text in a header: printable, capped (kms-api.md 12.2 #13).
void add_text_header(net::Response& response, std::string_view name, std::string_view value);
void add_cache_headers(net::Response& response);  // cache-control and date (kms-api.md 1.3)
void add_reason(net::Response& response, std::string_view reason);

// The request's id: the first of the five headers, else the time in ms (kms-api.md 1.3).
std::string request_id_of(const net::Request& request, Time now);

}  // namespace vitrine::service
