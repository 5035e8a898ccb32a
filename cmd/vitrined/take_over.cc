#include "vitrined/take_over.h"

#include <csignal>

#include "base/file.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/text.h"
#include "core/hand_off_json.h"
#include "core/start.h"
#include "net/client.h"
#include "storage/sqlite/open.h"
#include "vitrined/make_seal.h"
#include "vitrined/node_folder.h"
#include "vitrined/process.h"

namespace vitrine::vitrined {
namespace {

constexpr std::size_t kPemBytesMax = 65'536;
constexpr std::chrono::seconds kLookAgain{1};

// What the running node answers: JSON, or its refusal.
Result<codec::json::Value> exchange(net::Client& client, net::Request request) {
  request.target = "/node/handoff";
  VITRINE_TRY(const auto response, client.send(request));
  auto json = codec::json::parse(response.body);
  if (response.status == 200) return json;
  std::string reason = "status " + std::to_string(response.status);
  if (json && json->is_object()) {
    const auto* error = codec::json::find(json->get_object(), "error");
    if (error != nullptr && error->is_object()) {
      if (const auto text = codec::json::text_of(error->get_object(), "message"))
        reason = printable_ascii(*text, 512);
    }
  }
  const Code code = response.status == 401   ? Code::denied
                    : response.status == 400 ? Code::malformed
                    : response.status == 404 ? Code::not_found
                                             : Code::unavailable;
  return fail(code, "the running node refuses: " + reason,
              "members say who may take over by proposals on the join policy: docs/operations.md");
}

Result<std::unique_ptr<net::Client>> connect(const Options& options) {
  const std::string path =
      options.hand_off_ca.empty() ? options.data + "/service_cert.pem" : options.hand_off_ca;
  auto pem = read_file(path, kPemBytesMax);
  if (!pem) {
    return fail(pem.error().code, "service certificate: " + pem.error().message,
                "--handoff-ca FILE names the certificate of the service that runs");
  }
  net::ClientConfig config;
  config.url = options.hand_off;
  VITRINE_TRY(config.pinned, crypto::Certificate::from_pem(as_text(*pem)));
  return net::Client::make(std::move(config));
}

Result<core::Received> receive(net::Client& client, const Tee& tee) {
  net::Request get;
  get.method = "GET";
  VITRINE_TRY(const auto offered, exchange(client, std::move(get)));
  VITRINE_TRY(const auto offer, core::hand_off_offer_from_json(offered));
  VITRINE_TRY(const auto keys, core::make_hand_off_keys());
  const auto node_key = keys.node_key.public_key();
  const auto data = core::hand_off_report_data(offer.genesis_hash, node_key, keys.hpke.public_key,
                                               offer.challenge);
  VITRINE_TRY(auto evidence, tee.attest(data));
  net::Request post;
  post.method = "POST";
  post.headers = {{"content-type", "application/json"}};
  post.body = codec::json::write(core::to_json(
      core::HandOffRequest{offer.challenge, node_key, keys.hpke.public_key, std::move(evidence)}));
  VITRINE_TRY(const auto answered, exchange(client, std::move(post)));
  VITRINE_TRY(const auto handed_off, core::handed_off_from_json(answered));
  return core::open_handed_off(handed_off, keys, data);
}

// This program is what the join policy trusts, not the file that configures it: so it keeps the
// secrets only as the service's governance allows.
Status check_allowed(const Options& options, const governance::Settings& settings) {
  if (settings.dev != options.dev) {
    return denied(settings.dev ? "hand-off: the service that runs is one of development mode"
                               : "hand-off: the service that runs was born without --dev",
                  settings.dev ? "give --dev" : "leave --dev out");
  }
  return core::check_seal(settings, options.seal);
}

Status receive_and_seal(const Options& options, NodeFolder& files) {
  SystemRandom random;
  VITRINE_TRY(const Tee tee, find_tee(options));
  VITRINE_TRY(const auto seal, make_seal(options, tee));
  VITRINE_TRY(const auto client, connect(options));
  auto received = receive(*client, tee);
  if (!received) return in_context("hand-off from " + options.hand_off, received.error());
  VITRINE_CHECK(check_allowed(options, received->settings));
  VITRINE_TRY(const auto sealing_key, seal->make(random));
  VITRINE_TRY(const Bytes sealed, core::seal_secrets(received->secrets, sealing_key, random));
  VITRINE_CHECK(files.put_next_secrets(sealed));
  log::info("secrets received and sealed", {{"from", options.hand_off},
                                            {"seal", options.seal},
                                            {"file", files.describe_next_secrets()}});
  return {};
}

}  // namespace

Result<TakenOver> take_over(const Options& options) {
  NodeFolder files(options.data);
  VITRINE_CHECK(receive_and_seal(options, files));
  const std::string ledger = options.data + "/ledger.db";
  if (!exists(ledger)) return TakenOver::no_ledger;
  log::info("waiting for the running node to stop", {{"store", ledger}});
  while (true) {
    const auto store = storage::sqlite::open(ledger);
    if (store) return TakenOver::yes;
    if (store.error().code != Code::unavailable) return tl::unexpected<Error>(store.error());
    // The other sealed its secrets anew, as after a rekey: those received are old.
    if (!exists(files.describe_next_secrets())) VITRINE_CHECK(receive_and_seal(options, files));
    const int signal = wait_for_signal(kLookAgain);
    if (signal == SIGTERM || signal == SIGINT) return TakenOver::stopped;
  }
}

}  // namespace vitrine::vitrined
