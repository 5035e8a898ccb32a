// What a running node takes anew: on SIGHUP the settings file (log level, limits, names of the TLS
// certificate, the audit trail, whose file is opened anew), and by the clock its own TLS
// certificate before it ends.
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
  Reload(const core::Core& core, net::Server& server, service::Service& service, const Clock& clock,
         TrailFile& trail, Options options, const crypto::Certificate& certificate, Read read);

  // All or nothing: where the settings cannot be taken, the old ones stay and the log says why.
  void take_settings();
  // Makes the TLS certificate anew when less than a third of its life is left, where the service's
  // own lasts longer.
  void renew_if_due();

 private:
  Status apply(const Options& fresh);
  Status renew(const crypto::SubjectAlternatives& alternatives);

  const core::Core& core_;
  net::Server& server_;
  service::Service& service_;
  const Clock& clock_;
  TrailFile& trail_;
  Options options_;
  crypto::Certificate certificate_;  // of the node, as TLS presents it
  Read read_;
};

}  // namespace vitrine::vitrined
