#include "vitrined/reload.h"

#include "core/duties.h"
#include "core/node_certificate.h"
#include "service/service.h"
#include "vitrined/front.h"

namespace vitrine::vitrined {
namespace {

// Those that stand when the process starts. Named in a warning where the file says otherwise since.
std::string fixed_at_start(const Options& before, const Options& now) {
  std::string names;
  const auto compare = [&names](bool differs, const char* name) {
    if (differs) names += (names.empty() ? "" : ", ") + std::string(name);
  };
  compare(before.data != now.data, "data");
  compare(before.unseal_key_path() != now.unseal_key_path(), "unseal_key");
  compare(before.server.address != now.server.address, "listen.address");
  compare(before.server.port != now.server.port, "listen.port");
  compare(before.issuer_refresh != now.issuer_refresh, "issuers.refresh_seconds");
  compare(before.server.io_threads != now.server.io_threads, "listen.io_threads");
  return names;
}

bool same(const crypto::SubjectAlternatives& a, const crypto::SubjectAlternatives& b) {
  return a.dns_names == b.dns_names && a.ip_addresses == b.ip_addresses;
}

}  // namespace

Reload::Reload(core::Core& core, net::Server& server, service::Service& service, const Clock& clock,
               TrailFile& trail, Options options, Publish publish, Read read)
    : core_(core),
      server_(server),
      service_(service),
      clock_(clock),
      trail_(trail),
      options_(std::move(options)),
      certificate_(core.certificate()),
      service_in_ledger_(core.view()->state.service->certificate),
      node_in_ledger_(core.view()->state.node->certificate),
      publish_(std::move(publish)),
      read_(std::move(read)) {}

void Reload::take_settings() {
  const auto fresh = read_();
  const Status taken = !fresh                ? Status(tl::unexpected<Error>(fresh.error()))
                       : !fresh->has_value() ? Status(malformed("no settings were read"))
                                             : apply(**fresh);
  if (!taken) {
    log::error("settings not reloaded, the old ones stay",
               {{"reason", taken.error().message}, {"hint", taken.error().hint}});
  }
}

// What can fail comes first.
Status Reload::apply(const Options& fresh) {
  if (!same(fresh.alternatives, options_.alternatives)) VITRINE_CHECK(renew(fresh.alternatives));
  options_.alternatives = fresh.alternatives;
  core_.set_alternatives(fresh.alternatives);
  VITRINE_CHECK(server_.set_limits(fresh.server.limits));
  service_.set_wait_max(fresh.budgets.wait_max);
  log::set_level(fresh.log_level);
  options_.audit_trail = fresh.audit_trail;
  options_.audit_trail_path = fresh.audit_trail_path;
  trail_.reopen(options_.trail());
  const std::string names = fixed_at_start(options_, fresh);
  if (!names.empty()) {
    log::warning("settings that count at a start alone have changed",
                 {{"settings", names}, {"hint", "restart to take them"}});
  }
  log::info("settings reloaded");
  return {};
}

// The same key and issuer, other names and dates. No entry tells of it: receipts name the node by
// its key and keep the certificate of its node_started entry.
Status Reload::renew(const crypto::SubjectAlternatives& alternatives) {
  const auto view = core_.view();
  const auto secrets = core_.secrets();
  VITRINE_TRY(const auto made,
              core::make_node_certificate(*secrets, view->state.service->certificate, alternatives,
                                          core_.now()));
  return present(made);
}

Status Reload::present(const crypto::Certificate& certificate) {
  VITRINE_CHECK(server_.set_identity(identity_of(core_, certificate)));
  certificate_ = certificate;
  log::info("TLS certificate renewed", {{"not_after", to_rfc3339(certificate.not_after())}});
  return {};
}

// Where the service's certificate alone is another the node's is made anew, so that it may last as
// long.
void Reload::follow_ledger() {
  const auto view = core_.view();
  const auto& service = view->state.service->certificate;
  const auto& node = view->state.node->certificate;
  const bool other_service = service.der() != service_in_ledger_.der();
  const bool other_node = node.der() != node_in_ledger_.der();
  if (!other_service && !other_node) return;
  Status followed = other_node ? present(node) : renew(options_.alternatives);
  if (followed && other_service) followed = publish_(view->state);
  if (!followed) {
    log::error("certificates not taken", {{"reason", followed.error().message}});
    return;
  }
  service_in_ledger_ = service;
  node_in_ledger_ = node;
}

Status Reload::renew_service_if_due(Time now) {
  const auto certificate = core_.view()->state.service->certificate;
  const auto life = certificate.not_after() - certificate.not_before();
  if (!core_.confirmed() || certificate.not_after() - now > life / 3) return {};
  VITRINE_CHECK(core::renew_service_certificate(core_));
  log::info("service certificate renewed");
  follow_ledger();
  return {};
}

void Reload::renew_if_due() {
  constexpr std::chrono::minutes kAfterFailure{5};
  const Time now = clock_.now();
  if (now < renew_again_) return;
  Status renewed = renew_service_if_due(now);
  const auto life = certificate_.not_after() - certificate_.not_before();
  const bool due = certificate_.not_after() - now <= life / 3;
  const auto& service = core_.view()->state.service->certificate;
  if (renewed && due && service.not_after() > certificate_.not_after())
    renewed = renew(options_.alternatives);
  if (renewed) return;
  renew_again_ = now + kAfterFailure;
  log::error("certificate not renewed", {{"reason", renewed.error().message}});
}

}  // namespace vitrine::vitrined
