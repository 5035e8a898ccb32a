#include "service/audit_trail.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/hex.h"
#include "base/text.h"
#include "codec/json.h"
#include "core/release_key.h"

namespace vitrine::service {
namespace {

constexpr std::size_t kReasonBytesMax = 512;
constexpr std::size_t kTextBytesMax = 255;

// Empty: a request that the trail does not tell of.
std::string_view event_of(const Route& route, bool accepted) {
  if (route.budget == Budget::governance) {
    if (route.path == "/refresh") return accepted ? "key_created" : "key_creation_refused";
    return accepted ? "governance_accepted" : "governance_refused";
  }
  if (route.budget != Budget::release) return {};
  if (!accepted) return "key_refused";
  return route.path == "/unwrapKey" ? "key_released" : std::string_view();
}

// What the framework's answer says; the KMS's own have no body.
std::string message_in(std::string_view body) {
  const auto json = codec::json::parse_object(body);
  if (!json) return {};
  const auto* error = codec::json::object_of(*json, "error");
  if (error == nullptr) return {};
  const auto* details = codec::json::find(*error, "details");
  if (details != nullptr && details->is_array() && !details->get_array().empty()) {
    const auto& last = details->get_array().back();
    if (last.is_object()) {
      if (const auto text = codec::json::text_of(last.get_object(), "message"))
        return std::string(*text);
    }
  }
  const auto text = codec::json::text_of(*error, "message");
  return text ? std::string(*text) : std::string();
}

std::string reason_of(const Answered& request) {
  if (!request.note.reason.empty()) return request.note.reason;
  const net::Headers& headers = request.response.headers;
  for (const std::string_view name : {"x-vitrine-reason", "x-ms-kms-error-code"}) {
    if (const auto value = net::find_header(headers, name)) return std::string(*value);
  }
  return message_in(request.response.body);
}

std::string timestamp(Time now) {
  std::string text = to_rfc3339(now);
  text.insert(text.size() - 1, fmt::format(".{:03}", to_unix_ms(now) % 1000));
  return text;
}

// Printable ASCII, so that no text of a client's ends a line for any reader.
void add_text(codec::json::Object& line, std::string_view name, std::string_view text,
              std::size_t bytes_max = kTextBytesMax) {
  if (!text.empty()) line[name] = printable_ascii(text, bytes_max);
}

// As the operator may see it: what governance shows to everybody, and of a token's subject the same
// keyed hash that its releases have in the ledger (ledger/seal.h).
void add_caller(codec::json::Object& line, const core::Core& core, const Answered& request) {
  if (!request.note.signer.empty()) {
    line["caller"] = "cose";
    add_text(line, "caller_id", request.note.signer);
  } else if (request.caller != nullptr) {
    line["caller"] = governance::name_of(request.caller->policy);
    if (request.caller->policy == governance::AuthPolicy::jwt)
      add_text(line, "issuer", request.caller->issuer);
    else
      add_text(line, "caller_id", request.caller->id);
    if (const auto hash = core::caller_hash(core, request.caller))
      line["caller_hash"] = to_hex(*hash);
  } else {
    line["caller"] = request.known ? "anyone" : "unknown";
  }
}

metrics::Counter& lines(metrics::Registry& registry, std::string_view outcome) {
  return registry.counter("vitrine_audit_trail_lines_total",
                          "Lines of the operators' trail, by what became of them.",
                          {{"outcome", std::string(outcome)}});
}

class NoTrail final : public TrailSink {
 public:
  bool append(std::string_view) override { return true; }
};

}  // namespace

TrailSink& TrailSink::none() {
  static NoTrail none;
  return none;
}

AuditTrail::AuditTrail(const core::Core& core, metrics::Registry& registry, TrailSink& sink)
    : core_(core),
      sink_(sink),
      written_(lines(registry, "written")),
      lost_(lines(registry, "lost")),
      suppressed_total_(lines(registry, "suppressed")) {}

bool AuditTrail::takes_unknown() {
  const std::int64_t now = to_unix_seconds(core_.now());
  const Lock lock(mutex_);
  if (now > second_) {
    room_ = std::min(kUnknownBurst, room_ + (now - second_) * kUnknownPerSecond);
    second_ = now;
  }
  if (room_ > 0) {
    --room_;
    return true;
  }
  ++suppressed_;
  return false;
}

std::uint64_t AuditTrail::take_suppressed() {
  const Lock lock(mutex_);
  return std::exchange(suppressed_, 0);
}

void AuditTrail::answered(const Answered& request) {
  if (&sink_ == &TrailSink::none()) return;
  const int status = request.response.status;
  const bool accepted = status >= 200 && status < 300;
  const std::string_view event = event_of(request.route, accepted);
  if (event.empty()) return;
  const bool unknown = !request.known && request.caller == nullptr && request.note.signer.empty();
  if (!accepted && unknown && !takes_unknown()) return suppressed_total_.increment();

  codec::json::Object line;
  line["time"] = timestamp(core_.now());
  line["event"] = event;
  line["request"] = request.request_id;
  line["endpoint"] = request.route.method + " " + request.route.path;
  line["status"] = status;
  line["microseconds"] =
      std::chrono::duration_cast<std::chrono::microseconds>(request.took).count();
  add_caller(line, core_, request);
  add_text(line, "kid", request.note.kid);
  if (const auto id = net::find_header(request.response.headers, "x-ms-ccf-transaction-id");
      accepted && id)
    line["transaction"] = *id;
  if (!accepted) add_text(line, "reason", reason_of(request), kReasonBytesMax);
  if (const std::uint64_t suppressed = take_suppressed(); suppressed != 0)
    line["suppressed"] = suppressed;
  (sink_.append(codec::json::write(line)) ? written_ : lost_).increment();
}

}  // namespace vitrine::service
