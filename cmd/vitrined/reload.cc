#include "vitrined/reload.h"

#include "core/node_certificate.h"
#include "service/service.h"

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

Reload::Reload(const core::Core& core, net::Server& server, service::Service& service,
               const Clock& clock, TrailFile& trail, Options options,
               const crypto::Certificate& certificate, Read read)
    : core_(core),
      server_(server),
      service_(service),
      clock_(clock),
      trail_(trail),
      options_(std::move(options)),
      certificate_(certificate),
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
  VITRINE_CHECK(
      server_.set_identity({{made, view->state.service->certificate}, secrets->node_key}));
  certificate_ = made;
  log::info("TLS certificate renewed", {{"not_after", to_rfc3339(made.not_after())}});
  return {};
}

void Reload::renew_if_due() {
  const Time now = clock_.now();
  const auto life = certificate_.not_after() - certificate_.not_before();
  if (certificate_.not_after() - now > life / 3) return;
  const auto& service = core_.view()->state.service->certificate;
  if (service.not_after() <= certificate_.not_after()) {
    log::warning("the service certificate ends soon, and with it every node's",
                 {{"not_after", to_rfc3339(service.not_after())}});
    return;
  }
  if (const Status renewed = renew(options_.alternatives); !renewed)
    log::error("TLS certificate not renewed", {{"reason", renewed.error().message}});
}

}  // namespace vitrine::vitrined
