// What a running node takes anew: on SIGHUP the settings file (log level, limits, names of the TLS
// certificate, the audit trail, whose file is opened anew); by the clock certificates before they
// end; and what the ledger says of them.
#pragma once

#include "core/core.h"
#include "net/server.h"
#include "vitrined/options.h"

namespace vitrine::service {
class Service;
}

namespace vitrine::vitrined {

class Reload {
 public:
  // `read` gives the settings as a start would read them.
  using Read = std::function<Result<std::optional<Options>>()>;
  // `publish` writes the service certificate to where people look for it.
  using Publish = std::function<Status(const core::State&)>;
  Reload(core::Core& core, net::Server& server, service::Service& service, const Clock& clock,
         TrailFile& trail, Options options, Publish publish, Read read);

  // All or nothing: where the settings cannot be taken, the old ones stay and the log says why.
  void take_settings();
  // Presents the certificates that the ledger names now, where entries since have renewed or
  // rotated them.
  void follow_ledger();
  // Makes the TLS certificate anew when less than a third of its life is left, and so the
  // service's.
  void renew_if_due();

 private:
  Status apply(const Options& fresh);
  Status renew(const crypto::SubjectAlternatives& alternatives);
  Status present(const crypto::Certificate& certificate);
  Status renew_service_if_due(Time now);

  core::Core& core_;
  net::Server& server_;
  service::Service& service_;
  const Clock& clock_;
  TrailFile& trail_;
  Options options_;
  crypto::Certificate certificate_;  // of the node, as TLS presents it
  // As the ledger named them when last looked at.
  crypto::Certificate service_in_ledger_;
  crypto::Certificate node_in_ledger_;
  Publish publish_;
  Read read_;
  Time renew_again_;  // a failure is not tried again before
};

}  // namespace vitrine::vitrined
