// vitrine propose: a proposal of a member to /gov (ccf.md 3), or of a user to /app/proposals
// (kms-api.md 8.1); shown as what it would change, signed, sent.
#include <fmt/format.h>

#include "base/hex.h"
#include "base/limits.h"
#include "cli/connection.h"
#include "cli/governance_view.h"
#include "cli/input.h"
#include "cli/proposal_document.h"
#include "cli/signing.h"
#include "governance/actions.h"

namespace vitrine::cli {
namespace {

using codec::json::Object;

// Where the proposal goes. `service` is empty for one that is signed as it stands.
struct Target {
  bool app = false;
  std::string service;
};

struct Draft {
  Object document;
  std::string names;  // of its actions
  std::string text;   // what is signed
};

// By default the user that a development service makes for its users.
SigningOptions signing_of(const ProposeOptions& options, const Global& global) {
  SigningOptions signing = options.signing;
  if (!signing.as.empty()) return signing;
  if (signing.cert.empty()) signing.cert = global.common + "/user0_cert.pem";
  if (signing.key.empty()) signing.key = global.common + "/user0_privk.pem";
  return signing;
}

Result<Draft> read_draft(const ProposeOptions& options) {
  Draft draft;
  if (options.file.empty() == options.action.empty()) {
    return malformed("give either a FILE with the proposal or --action NAME",
                     "for example: vitrine propose --action freeze --as member0");
  }
  if (options.file.empty()) {
    VITRINE_TRY(draft.document, document_of(options.action, options.args));
    draft.text = codec::json::write(draft.document);
  } else {
    VITRINE_TRY(draft.text, read_text(options.file, limits::kRequestBodyBytesMax));
    auto document = codec::json::parse_object(draft.text);
    if (!document) return in_context("proposal " + options.file, document.error());
    draft.document = *std::move(document);
  }
  auto names = action_names(draft.document);
  if (!names) {
    return in_context("proposal " + (options.file.empty() ? options.action : options.file),
                      names.error());
  }
  draft.names = *std::move(names);
  return draft;
}

// Only these can be proposed by a user, without a member.
bool is_for_users(const Object& document) {
  const auto actions = governance::actions_from_json(document);
  if (!actions) return false;
  for (const auto& action : *actions) {
    if (!governance::is_app_action(action.name)) return false;
  }
  return true;
}

// A member's proposal goes to /gov, anyone else's to /app/proposals, where a service in development
// mode applies it at once.
Result<Target> find_target(const ProposeOptions& options, const crypto::Certificate& signer,
                           client::Service& service, client::CurrentReader& reader) {
  VITRINE_TRY(const auto name, service_name(service));
  Target target;
  target.service = options.service.empty() ? name.genesis_hash : options.service;
  VITRINE_TRY(const auto members, members_of(reader));
  target.app = options.app || client::find(members, to_hex(signer.der_sha256())) == nullptr;
  if (target.app && name.dev) target.service.clear();
  return target;
}

// Bytes alone, and no service to ask.
Result<Target> target_unasked(const ProposeOptions& options, const Draft& draft, const Error& why,
                              Context& context) {
  if (!options.app && !is_for_users(draft.document)) {
    return fail(why.code, "the service could not be asked which it is: " + why.message,
                "name it with --service and its genesis hash (/node/network says it)");
  }
  context.out.note("no service was asked: the proposal does not name the one it is for");
  return Target{true, {}};
}

Status name_target(Draft& draft, const Target& target) {
  if (target.service.empty()) return {};
  const auto named = name_service(draft.document, target.service);
  if (!named) return in_context("proposal of " + draft.names, named.error());
  draft.text = codec::json::write(draft.document);
  return {};
}

client::SignedRequest request_of(const Draft& draft, const Clock& clock) {
  client::SignedRequest request;
  request.type = client::RequestType::proposal;
  request.created_at = to_unix_seconds(clock.now());
  request.content = to_bytes(draft.text);
  return request;
}

// What POST /app/proposals says: one item for each action (kms-api.md 2.9), or one proposal.
std::string describe_app_answer(const codec::json::Value& body) {
  Grid grid({"proposal", "state"});
  const auto add = [&grid](const codec::json::Value& item) {
    const auto* object = item.if_object();
    if (object == nullptr) return;
    grid.add({client::shown(codec::json::text_of(*object, "proposal_id").value_or("?")),
              client::shown(codec::json::text_of(*object, "state").value_or("?"))});
  };
  if (const auto* list = body.if_array()) {
    for (const auto& item : *list) add(item);
  } else {
    add(body);
  }
  return grid.to_text();
}

Status send_to_app(client::Service& service, const Bytes& envelope, const Draft& draft,
                   const std::string& signer, Context& context) {
  auto answer = service.propose(envelope);
  if (!answer) {
    Error error = answer.error();
    if (error.hint.empty() && !is_for_users(draft.document))
      error.hint = "only members can propose that: say which with --as NAME";
    return in_context("proposal of " + draft.names, std::move(error));
  }
  const Object document{
      {"signer", signer}, {"transaction_id", answer->transaction_id}, {"proposals", answer->body}};
  context.out.result(fmt::format("accepted by the service: {}\n{}transaction  {}\n", draft.names,
                                 describe_app_answer(answer->body), answer->transaction_id),
                     document);
  return {};
}

Status send_to_gov(client::Service& service, client::CurrentReader& reader, const Bytes& envelope,
                   const Draft& draft, Context& context) {
  auto answer = client::GovernanceApi(service).create_proposal(envelope);
  if (!answer) return in_context("proposal of " + draft.names, answer.error());
  VITRINE_TRY(const auto proposal, client::proposal_from(answer->body));
  VITRINE_TRY(const auto members, members_of(reader));
  std::string text = outcome(proposal, members);
  if (proposal.state == "Open") {
    text += "next       each member, the proposer too: vitrine vote " + proposal.id.substr(0, 12) +
            " --for\n";
  }
  context.out.result(text, {{"transaction_id", answer->transaction_id},
                            {"proposal", answer->body},
                            {"document", draft.document}});
  return {};
}

// Bytes or a digest for a file; the service is asked who it is where that is possible.
Status write_only(const ProposeOptions& options, const SigningOptions& signing,
                  const crypto::Certificate& certificate, Draft& draft, Context& context) {
  Result<Target> target = Target{options.app, options.service};
  if (options.service.empty()) {
    auto service = connect(context);
    if (service) {
      client::CurrentReader reader(*service);
      target = find_target(options, certificate, *service, reader);
    } else {
      target = tl::unexpected<Error>(service.error());
    }
    if (!target) target = target_unasked(options, draft, target.error(), context);
    if (!target) return tl::unexpected<Error>(target.error());
  }
  VITRINE_CHECK(name_target(draft, *target));
  VITRINE_TRY(const auto nothing, sign_or_write(request_of(draft, context.clock), signing, context,
                                                {{"document", draft.document}}));
  return {};
}

Status sign_and_send(const ProposeOptions& options, const SigningOptions& signing,
                     const crypto::Certificate& certificate, Draft& draft, Context& context) {
  VITRINE_TRY(auto service, connect(context));
  client::CurrentReader reader(service);
  VITRINE_TRY(const auto target, find_target(options, certificate, service, reader));
  VITRINE_CHECK(name_target(draft, target));
  VITRINE_TRY(const auto changes, client::changes_of(draft.document, reader.current()));
  context.out.preview(client::to_text(changes));
  VITRINE_CHECK(confirm(signing, context, "Sign and send this proposal?"));
  VITRINE_TRY(const auto envelope,
              sign_or_write(request_of(draft, context.clock), signing, context, {}));
  if (!envelope) return {};
  if (target.app) {
    return send_to_app(service, *envelope, draft, to_hex(certificate.der_sha256()), context);
  }
  return send_to_gov(service, reader, *envelope, draft, context);
}

}  // namespace

Status run_propose(const ProposeOptions& options, Context& context) {
  VITRINE_TRY(auto draft, read_draft(options));
  const SigningOptions signing = signing_of(options, context.global);
  VITRINE_TRY(const auto certificate, signer_certificate(signing, context));
  const bool only_bytes = !signing.cose_out.empty() || !signing.prepare.empty();
  return only_bytes ? write_only(options, signing, certificate, draft, context)
                    : sign_and_send(options, signing, certificate, draft, context);
}

}  // namespace vitrine::cli
