// vitrine evidence verify: every step of the verification, offline, at a given time.
#include <fmt/format.h>

#include <algorithm>

#include "attestation/snp/chain.h"
#include "attestation/uvm/endorsement.h"
#include "attestation/verify.h"
#include "base/hex.h"
#include "cli/commands.h"
#include "cli/evidence_files.h"
#include "cli/trust.h"
#include "client/release.h"

namespace vitrine::cli {
namespace {

using attestation::VerificationTrace;

struct Verdict {
  VerificationTrace trace;
  std::optional<attestation::Claims> claims;
  std::optional<Error> refusal;
};

void pass(Verdict& verdict, std::string name, std::string outcome) {
  verdict.trace.steps.push_back({std::move(name), std::move(outcome)});
}

// kms-api.md 6.4: all 64 bytes count.
void check_binding(const EvidenceParts& parts, Verdict& verdict) {
  if (parts.wrapping_key_pem.empty() || !verdict.claims) return;
  const auto wanted = client::report_data_for(parts.wrapping_key_pem);
  if (verdict.claims->report_data() == wanted) {
    pass(verdict, "wrapping key", "report data is SHA-256 of its PEM text, then zeros");
    return;
  }
  verdict.refusal = Error{Code::denied,
                          "wrapping key: report data is " + to_hex(verdict.claims->report_data()) +
                              ", not " + to_hex(wanted),
                          ""};
}

void verify_report(const EvidenceParts& parts, const attestation::TrustAnchors& anchors, Time at,
                   Verdict& verdict) {
  attestation::VerificationCache cache;
  auto claims = attestation::verify_snp(parts.to_evidence(), anchors, at, cache, &verdict.trace);
  if (!claims) {
    verdict.refusal = claims.error();
    return;
  }
  verdict.claims = std::move(*claims);
  check_binding(parts, verdict);
}

// Endorsements without a report vouch for nothing yet, but can be checked for themselves.
void verify_endorsements_alone(const EvidenceParts& parts, const attestation::TrustAnchors& anchors,
                               Time at, Verdict& verdict) {
  if (!parts.endorsements.empty()) {
    const auto chain =
        attestation::snp::verify_endorsements(parts.endorsements, anchors.snp_roots, at);
    if (!chain) {
      verdict.refusal = chain.error();
      return;
    }
    pass(verdict, "certificate chain",
         fmt::format("{}, {}, valid until {}", name_of(chain->kind), chain->trust_anchor,
                     to_rfc3339(chain->not_after)));
  }
  if (parts.uvm_endorsements.empty()) return;
  const auto uvm =
      attestation::uvm::verify_endorsement(parts.uvm_endorsements, anchors.uvm_signers);
  if (!uvm) {
    verdict.refusal = uvm.error();
    return;
  }
  pass(verdict, "UVM endorsement",
       fmt::format("{}, svn {}, measurement {}", uvm->feed, uvm->svn, to_hex(uvm->measurement)));
}

std::string text_of(const Verdict& verdict, const EvidenceParts& parts, Time at) {
  Fields head;
  head.add("time", to_rfc3339(at));
  if (verdict.claims) {
    head.add("profile", verdict.claims->profile());
    if (verdict.claims->simulated()) head.add("simulated", "yes: no hardware vouches for this");
  }
  if (parts.endorsed_tcb_assumed) {
    head.add("endorsed_tcb", "not given: the report's own is used");
  }
  Grid steps({"step", "outcome"});
  for (const auto& step : verdict.trace.steps) steps.add({step.name, "ok: " + step.outcome});
  if (verdict.refusal) steps.add({"refused", verdict.refusal->message});
  std::string text = head.to_text() + "\n" + steps.to_text();
  if (verdict.claims && !verdict.refusal) {
    Grid claims({"claim", "value"});
    for (const auto& [name, value] : verdict.claims->all()) {
      claims.add({name, attestation::to_text(value)});
    }
    text += "\n" + claims.to_text();
  }
  text += "\nverdict: ";
  text += verdict.refusal ? "refused\n" : verdict.claims ? "valid\n" : "valid, without a report\n";
  return text;
}

codec::json::Object document_of(const Verdict& verdict, const EvidenceParts& parts, Time at) {
  codec::json::Object document;
  document["verdict"] = verdict.refusal ? "refused" : "valid";
  document["time"] = to_rfc3339(at);
  document["endorsed_tcb_assumed"] = parts.endorsed_tcb_assumed;
  codec::json::Array steps;
  for (const auto& step : verdict.trace.steps) {
    steps.push_back(
        codec::json::Object{{"name", step.name}, {"ok", true}, {"outcome", step.outcome}});
  }
  if (verdict.refusal) document["refused"] = verdict.refusal->message;
  document["steps"] = std::move(steps);
  if (verdict.claims && !verdict.refusal) {
    document["profile"] = verdict.claims->profile();
    document["simulated"] = verdict.claims->simulated();
    document["claims"] = to_json(verdict.claims->all());
  }
  return document;
}

}  // namespace

Status run_evidence_verify(const EvidenceVerifyOptions& options, Context& context) {
  VITRINE_TRY(const auto at, time_of(options.trust, context.clock));
  VITRINE_TRY(const auto anchors, anchors_of(options.trust));
  VITRINE_TRY(const auto parts, read_evidence(options.evidence));
  Verdict verdict;
  if (parts.report.empty()) {
    verify_endorsements_alone(parts, anchors, at, verdict);
  } else if (parts.endorsements.empty()) {
    return malformed("evidence: there are no endorsements (VCEK or VLEK, ASK, ARK)",
                     "give them with --endorsements, or --vcek, --ask and --ark");
  } else {
    verify_report(parts, anchors, at, verdict);
  }
  context.out.result(text_of(verdict, parts, at), document_of(verdict, parts, at));
  if (!verdict.refusal) return {};
  // Whatever is wrong with evidence, ill-formed or untrue, it is refused.
  return denied("evidence refused: " + verdict.refusal->message, verdict.refusal->hint);
}

}  // namespace vitrine::cli
