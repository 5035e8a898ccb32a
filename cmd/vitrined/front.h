// Who answers what the server takes in: nobody yet, a node that waits for recovery shares, or the
// service. Safe from any thread.
#pragma once

#include <memory>

#include "base/mutex.h"
#include "core/core.h"
#include "net/server.h"

namespace vitrine::vitrined {

class Front {
 public:
  // What they refer to has to stay until the server has stopped. Before the first call everything
  // is 503.
  void answer_by(net::Handler handler, net::FrameworkError framework_error);

  net::Handler handler();
  net::FrameworkError framework_error();

 private:
  struct Answers {
    net::Handler handler;
    net::FrameworkError framework_error;
  };
  std::shared_ptr<const Answers> answers() const;

  mutable Mutex mutex_;
  std::shared_ptr<const Answers> answers_ VITRINE_GUARDED_BY(mutex_);  // null: nobody
};

// What TLS presents of a running node: `node`, which the service key endorsed, what leads from it
// to the certificate that clients pinned before the service key was rotated, and the service's own.
net::TlsIdentity identity_of(const core::Core& core, const crypto::Certificate& node);

}  // namespace vitrine::vitrined
