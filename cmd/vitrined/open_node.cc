#include "vitrined/open_node.h"

#include "base/log.h"
#include "base/version.h"
#include "codec/json.h"
#include "core/open_secrets.h"
#include "core/start.h"
#include "vitrined/dev_folder.h"
#include "vitrined/genesis_file.h"
#include "vitrined/make_seal.h"
#include "vitrined/tee.h"

namespace vitrine::vitrined {
namespace {

Result<core::Genesis> genesis_of(const Options& options, const Clock& clock) {
  if (options.dev) return make_dev_genesis(options.common(), options.constitution, clock.now());
  if (options.genesis.empty()) {
    return malformed("the data folder " + options.data + " is empty, and no genesis file was given",
                     "give --genesis FILE for a new service, --dev for a trial, or --data DIR of "
                     "an existing one");
  }
  return read_genesis(options.genesis);
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

// Without its secrets only members can open a service. Where nobody was dealt a share, what is
// wrong with the seal is all there is to say.
Result<OpenedNode> wait_for_members(const core::Core::Parts& parts, const core::NodeOptions& node,
                                    core::SealProvider& seal, const Error& why) {
  auto waiting = core::WaitingNode::begin(parts, node, seal);
  if (!waiting && waiting.error().code == Code::not_found && !why.message.empty())
    return tl::unexpected<Error>(why);
  if (!waiting) return tl::unexpected<Error>(waiting.error());
  log::warning("waiting for recovery shares",
               {{"reason", why.message.empty() ? "--recover was given" : why.message},
                {"shares_needed", std::to_string((*waiting)->progress().threshold)},
                {"hint", "members give them with: vitrine member share submit"}});
  return OpenedNode{nullptr, *std::move(waiting)};
}

Result<OpenedNode> reopen(const Options& options, const core::Core::Parts& parts,
                          const core::NodeOptions& node, core::SealProvider& seal) {
  if (options.recover) return wait_for_members(parts, node, seal, {});
  auto unsealed = core::open_secrets(parts.files, seal);
  // The seal's key is lost, or another one: a node that waited and stopped has made one already.
  const bool lost = !unsealed && (unsealed.error().code == Code::not_found ||
                                  unsealed.error().code == Code::denied);
  if (lost) return wait_for_members(parts, node, seal, unsealed.error());
  if (!unsealed) return tl::unexpected<Error>(unsealed.error());
  VITRINE_TRY(auto core,
              core::open_service(parts, node,
                                 {std::move(unsealed->secrets), std::move(unsealed->sealed_by)}));
  return OpenedNode{std::move(core), nullptr};
}

}  // namespace

Result<OpenedNode> open_node(const Options& options, core::Core::Parts parts) {
  const core::NodeOptions node{options.alternatives, std::string("vitrined ") + kVersion,
                               options.dev};
  VITRINE_TRY(const std::uint64_t size, parts.store.size());
  if (size == 0) {
    VITRINE_CHECK(core::check_never_used(parts.files));
    VITRINE_TRY(const core::Genesis genesis, genesis_of(options, parts.clock));
    VITRINE_TRY(const Tee tee, find_tee(options));
    VITRINE_TRY(const auto seal, make_seal(options, tee));
    parts.attest = tee.attest;
    VITRINE_TRY(auto core, core::create_service(parts, genesis, node, *seal));
    return OpenedNode{std::move(core), nullptr};
  }
  VITRINE_CHECK(core::check_dev_flag(parts.store, options.dev));
  VITRINE_CHECK(compare_genesis(options, parts.store));
  VITRINE_CHECK(compare_constitution(options, parts.store));
  VITRINE_TRY(const Tee tee, find_tee(options));
  VITRINE_TRY(const auto seal, make_seal(options, tee));
  parts.attest = tee.attest;
  return reopen(options, parts, node, *seal);
}

}  // namespace vitrine::vitrined
