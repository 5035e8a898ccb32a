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
#include "storage/sqlite/open.h"
#include "vitrined/dev_folder.h"
#include "vitrined/file_seal.h"
#include "vitrined/genesis_file.h"
#include "vitrined/issuer_source.h"
#include "vitrined/listen_probe.h"
#include "vitrined/node_folder.h"
#include "vitrined/options.h"
#include "vitrined/process.h"
#include "vitrined/reload.h"
#include "vitrined/system_calls.h"

namespace vitrine::vitrined {
namespace {

constexpr std::chrono::seconds kStopGrace{4};  // of the five that a stop may take

Status make_folder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || exists(path)) return {};
  return unavailable("can't make the data folder " + path,
                     "does the folder above it exist, and may you write there?");
}

Result<core::Genesis> genesis_of(const Options& options, const Clock& clock) {
  if (options.dev) return make_dev_genesis(options.common(), options.constitution, clock.now());
  if (options.genesis.empty()) {
    return malformed("the data folder " + options.data + " is empty, and no genesis file was given",
                     "give --genesis FILE for a new service, --dev for a trial, or --data DIR of "
                     "an existing one");
  }
  return read_genesis(options.genesis);
}

// Evidence of this program's own; in development mode the simulated attester's.
Result<core::Attest> own_evidence(const Options& options) {
  if (!options.dev) return core::no_evidence();
  auto attest = simulated_evidence(options.common(), options.simulated_measurement);
  if (attest || attest.error().code == Code::malformed) return attest;
  log::warning("no simulated evidence of this node", {{"reason", attest.error().message}});
  return core::no_evidence();
}

// The genesis file counts once. Given again, it is compared with what the ledger was born with, and
// never applied.
Status compare_genesis(const Options& options, const storage::Store& store) {
  if (options.genesis.empty()) return {};
  constexpr std::uint64_t kGovernanceSetIndex = 1;
  VITRINE_TRY(const auto record, store.read_one(kGovernanceSetIndex));
  VITRINE_TRY(const auto leaf, ledger::decode_leaf(record.leaf));
  const auto genesis = read_genesis(options.genesis);
  if (!genesis || genesis->governance.digest() != leaf.governance.digest) {
    log::warning(
        "genesis file ignored: it differs from what this ledger was born with",
        {{"file", options.genesis}, {"hint", "settings and policies change by governance alone"}});
  } else {
    log::info("genesis file ignored: this ledger was born already", {{"file", options.genesis}});
  }
  return {};
}

// The constitution that the command line names counts once as well.
Status compare_constitution(const Options& options, const storage::Store& store) {
  if (options.constitution.empty()) return {};
  constexpr std::uint64_t kGovernanceSetIndex = 1;
  VITRINE_TRY(const auto record, store.read_one(kGovernanceSetIndex));
  VITRINE_TRY(const auto json, codec::json::parse_object(as_text(record.blob)));
  VITRINE_TRY(const auto born, governance::State::from_json(json));
  VITRINE_TRY(const auto named, governance::Constitution::preset(options.constitution));
  if (!(born.constitution == named)) {
    log::warning("constitution of the command line ignored: this ledger was born with another",
                 {{"hint", "set_constitution changes it, by its own rule"}});
  }
  return {};
}

Result<std::unique_ptr<core::Core>> open_core(const Options& options, core::Core::Parts parts) {
  const core::NodeOptions node{options.alternatives, std::string("vitrined ") + kVersion,
                               options.dev};
  FileSeal seal(options.unseal_key_path());
  VITRINE_TRY(const std::uint64_t size, parts.store.size());
  if (size == 0) {
    VITRINE_TRY(const core::Genesis genesis, genesis_of(options, parts.clock));
    VITRINE_TRY(parts.attest, own_evidence(options));
    return core::create_service(parts, genesis, node, seal);
  }
  VITRINE_CHECK(core::check_dev_flag(parts.store, options.dev));
  VITRINE_CHECK(compare_genesis(options, parts.store));
  VITRINE_CHECK(compare_constitution(options, parts.store));
  VITRINE_TRY(parts.attest, own_evidence(options));
  return core::start_service(parts, node, seal);
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
  constexpr std::chrono::hours kLookAtCertificate{1};
  while (true) {
    const int signal = wait_for_signal(kLookAtCertificate);
    if (signal == SIGTERM || signal == SIGINT) return signal;
    if (signal == SIGHUP) reload.take_settings();
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

Status serve(const Options& options, Reload::Read read_again) {
  SystemClock clock;
  SystemRandom random;
  core::ConfirmAtOnce confirm;
  NodeFolder files(options.data);
  metrics::Registry registry;
  service::CoreMetrics core_metrics(registry);
  VITRINE_CHECK(probe_listen(options.server));
  VITRINE_CHECK(make_folder(options.data));
  VITRINE_TRY(const auto store, storage::sqlite::open(options.data + "/ledger.db"));
  VITRINE_TRY(const auto core, open_core(options, {*store, files, confirm, clock, random,
                                                   core_metrics, options.verifications_at_once()}));
  const auto view = core->view();
  VITRINE_CHECK(write_certificates(options, view->state));

  TrailFile trail(options.trail());
  service::Service service(*core, registry, options.budgets, trail);
  const net::TlsIdentity identity{{core->certificate(), view->state.service->certificate},
                                  core->secrets()->node_key};
  VITRINE_TRY(const auto server,
              net::Server::start(
                  options.server, identity,
                  [&service](net::Request request, net::Respond respond) {
                    service.handle(std::move(request), std::move(respond));
                  },
                  [&service](int status, std::string_view code, std::string_view message) {
                    return service.server_error(status, code, message);
                  }));
  service::count_connections(registry, *server);
  VITRINE_CHECK(confine(options));
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

  Reload reload(*core, *server, service, clock, trail, options, identity.chain.front(),
                std::move(read_again));
  const int signal = run_until_stopped(reload);
  log::info("stopping", {{"signal", std::to_string(signal)}});
  server->stop(kStopGrace);
  service.stop();
  return {};
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
  if (const Status served = serve(**options, read); !served) return complain(served.error());
  return 0;
}

}  // namespace
}  // namespace vitrine::vitrined

int main(int argc, char** argv) { return vitrine::vitrined::run(argc, argv); }
