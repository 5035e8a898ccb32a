#include "vitrined/front.h"

#include "service/exchange.h"

namespace vitrine::vitrined {

void Front::answer_by(net::Handler handler, net::FrameworkError framework_error) {
  auto answers =
      std::make_shared<const Answers>(Answers{std::move(handler), std::move(framework_error)});
  const Lock lock(mutex_);
  answers_ = std::move(answers);
}

std::shared_ptr<const Front::Answers> Front::answers() const {
  const Lock lock(mutex_);
  return answers_;
}

net::Handler Front::handler() {
  return [this](net::Request request, net::Respond respond) {
    if (const auto by = answers()) return by->handler(std::move(request), std::move(respond));
    respond(service::unavailable_for(std::chrono::seconds{1}));
  };
}

net::FrameworkError Front::framework_error() {
  return [this](int status, std::string_view code, std::string_view message) {
    if (const auto by = answers()) return by->framework_error(status, code, message);
    return service::framework_error(status, code, message);
  };
}

net::TlsIdentity identity_of(const core::Core& core, const crypto::Certificate& node) {
  const auto view = core.view();
  net::TlsIdentity identity{{node}, core.secrets()->node_key};
  if (view->state.recovery.endorsement) identity.chain.push_back(*view->state.recovery.endorsement);
  identity.chain.push_back(view->state.service->certificate);
  return identity;
}

}  // namespace vitrine::vitrined
