// vitrined: the service. Read top to bottom: parse, protect, open, serve, stop.
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <string>

#include "base/file.h"
#include "base/version.h"
#include "core/auto_refresh.h"
#include "core/auto_rotation.h"
#include "core/start.h"
#include "core/take_up.h"
#include "core/upkeep.h"
#include "net/server.h"
#include "service/service.h"
#include "service/waiting_service.h"
#include "storage/sqlite/open.h"
#include "vitrined/front.h"
#include "vitrined/issuer_source.h"
#include "vitrined/listen_probe.h"
#include "vitrined/node_folder.h"
#include "vitrined/open_node.h"
#include "vitrined/options.h"
#include "vitrined/process.h"
#include "vitrined/reload.h"
#include "vitrined/system_calls.h"
#include "vitrined/take_over.h"

namespace vitrine::vitrined {
namespace {

constexpr std::chrono::seconds kStopGrace{4};  // of the five that a stop may take

Status make_folder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || exists(path)) return {};
  return unavailable("can't make the data folder " + path,
                     "does the folder above it exist, and may you write there?");
}

void print_dev_screen(const Options& options, const std::string& url) {
  const std::string common = options.common();
  std::printf(
      "\n"
      "vitrined %s, development mode: simulated evidence counts, proposals apply at once. Nothing "
      "here is secret.\n"
      "\n"
      "  service      %s\n"
      "  certificate  %s/service_cert.pem\n"
      "  identities   %s/member0_cert.pem … user0_cert.pem, keys beside them (…_privk.pem)\n"
      "\n"
      "Try, in another terminal:\n"
      "  curl --cacert %s/service_cert.pem %s/app/heartbeat\n"
      "  curl --cacert %s/service_cert.pem -X POST %s/app/refresh\n"
      "  vitrine --ca %s/service_cert.pem --url %s status\n"
      "\n"
      "Ctrl-C stops; the same command starts it again with the same keys.\n\n",
      kVersion, url.c_str(), common.c_str(), common.c_str(), common.c_str(), url.c_str(),
      common.c_str(), url.c_str(), common.c_str(), url.c_str());
  std::fflush(stdout);
}

Status write_certificates(const Options& options, const core::State& state) {
  const std::string pem = state.service->certificate.pem();
  VITRINE_CHECK(write_file_atomically(options.data + "/service_cert.pem", as_bytes(pem), 0644));
  if (!options.dev) return {};
  return write_file_atomically(options.common() + "/service_cert.pem", as_bytes(pem), 0644);
}

// Until SIGTERM or SIGINT, whose number it gives. Meanwhile SIGHUP is taken, and the clock looked
// at.
int run_until_stopped(Reload& reload) {
  constexpr std::chrono::milliseconds kLookEvery{500};
  while (true) {
    const int signal = wait_for_signal(kLookEvery);
    if (signal == SIGTERM || signal == SIGINT) return signal;
    if (signal == SIGHUP) reload.take_settings();
    reload.follow_ledger();
    reload.renew_if_due();
  }
}

// Sanitizers make calls of their own.
Status confine(const Options& options) {
  if (!options.seccomp || !VITRINE_SECCOMP) {
    log::warning("system calls are not confined",
                 {{"reason", options.seccomp ? "a build with sanitizers" : "--no-seccomp"}});
    return {};
  }
  return confine_system_calls();
}

net::TlsIdentity identity_of_node(const OpenedNode& node) {
  if (node.core != nullptr) return identity_of(*node.core, node.core->certificate());
  return {{node.waiting->certificate()}, node.waiting->node_key()};
}

// `answering` is of the service, or of a node that waits.
template <class Answering>
void answer_by(Front& front, Answering& answering) {
  front.answer_by(
      [&answering](net::Request request, net::Respond respond) {
        answering.handle(std::move(request), std::move(respond));
      },
      [&answering](int status, std::string_view code, std::string_view message) {
        return answering.server_error(status, code, message);
      });
}

// Until members have opened the service: 0, and node.core is there. Otherwise the signal that
// stops the process.
Result<int> wait_for_shares(OpenedNode& node, net::Server& server) {
  constexpr std::chrono::milliseconds kLookEvery{50};
  log::info("serving without the service's secrets",
            {{"port", std::to_string(server.port())},
             {"deal", std::to_string(node.waiting->deal().seqno)}});
  while (!node.waiting->progress().complete()) {
    const int signal = wait_for_signal(kLookEvery);
    if (signal == SIGTERM || signal == SIGINT) return signal;
  }
  log::info("enough recovery shares were given: opening the service");
  VITRINE_TRY(node.core, node.waiting->open());
  VITRINE_CHECK(server.set_identity(identity_of_node(node)));
  return 0;
}

// However serve() ends, no request is on its way to what it takes down.
class StopFirst {
 public:
  explicit StopFirst(net::Server& server) : server_(server) {}
  ~StopFirst() { server_.stop(std::chrono::milliseconds{0}); }
  StopFirst(const StopFirst&) = delete;
  StopFirst& operator=(const StopFirst&) = delete;

 private:
  net::Server& server_;
};

Status stopped(net::Server& server, int signal) {
  log::info("stopping", {{"signal", std::to_string(signal)}});
  server.stop(kStopGrace);
  return {};
}

Status serve(const Options& options, Reload::Read read_again) {
  SystemClock clock;
  SystemRandom random;
  core::ConfirmAtOnce confirm;
  NodeFolder files(options.data);
  metrics::Registry registry;
  service::CoreMetrics core_metrics(registry);
  VITRINE_CHECK(probe_listen(options.server));
  VITRINE_CHECK(make_folder(options.data));
  const std::string ledger = options.data + "/ledger.db";
  // Opening makes the file: where one is missing, a folder that was used stays as it was found.
  if (!exists(ledger)) VITRINE_CHECK(core::check_never_used(files));
  VITRINE_TRY(const auto store, storage::sqlite::open(ledger));
  VITRINE_TRY(auto node, open_node(options, {*store, files, confirm, clock, random, core_metrics,
                                             options.verifications_at_once()}));
  Front front;
  std::optional<service::WaitingService> waiting;
  if (node.waiting != nullptr) answer_by(front, waiting.emplace(*node.waiting));
  VITRINE_TRY(const auto server, net::Server::start(options.server, identity_of_node(node),
                                                    front.handler(), front.framework_error()));
  service::count_connections(registry, *server);
  VITRINE_CHECK(confine(options));
  if (node.core == nullptr) {
    VITRINE_TRY(const int signal, wait_for_shares(node, *server));
    if (signal != 0) return stopped(*server, signal);
  }
  const auto& core = node.core;
  const auto view = core->view();
  VITRINE_CHECK(write_certificates(options, view->state));

  TrailFile trail(options.trail());
  service::Service service(*core, registry, options.budgets, trail);
  const StopFirst stop_first(*server);
  answer_by(front, service);
  // Everything that could fail has not; from here on this process is in the ledger.
  VITRINE_TRY(const auto guard, core::make_rollback_guard(view->state.governance->settings));
  VITRINE_TRY(const auto taking_up, core::TakeUp::begin(*core, *guard));
  core::Upkeep upkeep(*core, {options.snapshot_entries, core->folded_from()});
  core::AutoRotation rotation(*core);
  HttpsIssuerSource issuers;
  core::AutoRefresh refresh(*core, issuers, options.issuer_refresh);
  const std::string url =
      "https://" + options.server.address + ":" + std::to_string(server->port());
  if (options.dev) print_dev_screen(options, url);
  log::info("serving",
            {{"url", url},
             {"node", view->state.node->id},
             {"transaction", ledger::to_text(core->view()->state.last_id())},
             {"seal", std::string(core->seal_kind())},
             {"insecure_seal", view->state.governance->settings.insecure_seal ? "true" : "false"}});

  Reload reload(
      *core, *server, service, clock, trail, options,
      [&options](const core::State& state) { return write_certificates(options, state); },
      std::move(read_again));
  const int signal = run_until_stopped(reload);
  Status ended = stopped(*server, signal);
  service.stop();
  return ended;
}

void print_bring_ledger(const Options& options) {
  std::printf(
      "vitrined: the secrets are here, sealed: %s/service.sealed.next\n"
      "vitrined: stop the other node, bring its data folder here beside that file, and start "
      "without --handoff\n",
      options.data.c_str());
}

int run(int argc, char** argv) {
  const auto complain = [](const Error& error) {
    std::fprintf(stderr, "vitrined: error: %s\n", error.message.c_str());
    if (!error.hint.empty()) std::fprintf(stderr, "vitrined: hint: %s\n", error.hint.c_str());
    return exit_status_of(error.code);
  };
  const auto read = [argc, argv] { return read_options(argc, argv); };
  const auto options = read();
  if (!options) return complain(options.error());
  if (!*options) return 0;
#if !VITRINE_SIMULATED
  if ((*options)->dev) {
    return complain(
        {Code::denied,
         "--dev: this program was built without development mode (VITRINE_SIMULATED=OFF)",
         "give --genesis FILE, or use a build with development mode"});
  }
#endif
  log::set_level((*options)->log_level);
  if (const Status protected_now = protect_process(); !protected_now)
    return complain(protected_now.error());
  if (!(*options)->hand_off.empty()) {
    const auto taken = take_over(**options);
    if (!taken) return complain(taken.error());
    if (*taken == TakenOver::no_ledger) print_bring_ledger(**options);
    if (*taken != TakenOver::yes) return 0;
  }
  if (const Status served = serve(**options, read); !served) return complain(served.error());
  return 0;
}

}  // namespace
}  // namespace vitrine::vitrined

int main(int argc, char** argv) { return vitrine::vitrined::run(argc, argv); }
