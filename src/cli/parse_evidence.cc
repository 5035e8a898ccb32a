// Evidence and policies on the command line.
#include "cli/command_line.h"

namespace vitrine::cli {
namespace {

void add_trust(Command& command, TrustOptions& trust) {
  command.text("--at", trust.at, "Judge at this time (RFC 3339, date, or seconds)");
  command.texts("--roots,--root", trust.roots, "Trust this ARK certificate as well, PEM")
      .takes(1, 8);
  command.text("--simulated-root", trust.simulated_root,
               "Trust the simulated attester in this folder as well");
}

void add_evidence_files(Command& command, EvidenceOptions& evidence) {
  command.texts("FILE", evidence.files, "Evidence object (JSON), folder, or parts in any order");
  add_evidence_parts(command, evidence);
  command.text("--vcek,--vlek", evidence.vcek, "VCEK or VLEK, DER or PEM");
  command.text("--ask", evidence.ask, "ASK or ASVK, DER or PEM");
  command.text("--ark", evidence.ark, "ARK, DER or PEM");
}

void add_policy(CommandLine& line) {
  const Command policy = line.group("policy", "Policies in force, and a dry run");
  auto [show, showing] =
      line.add(policy, "show", "A policy in force",
               "  vitrine policy show\n  vitrine policy show jwt\n", run_policy_show);
  show.text("KIND", showing.kind, "release, jwt, rotation or settings")
      .one_of({"release", "jwt", "rotation", "settings"})
      .shows_default();
  add_caller(show, showing.caller);
  auto [test, testing] =
      line.add(policy, "test", "Would this policy release to this evidence? Offline",
               "  vitrine policy test --policy proposal.json --evidence snp.json\n"
               "  vitrine policy test --policy policy.json --evidence snp.json "
               "--at 2026-01-15\n",
               run_policy_test);
  test.text("--policy", testing.policy,
            "Proposal, its args, or a policy as `policy show` prints it, JSON")
      .required();
  test.texts("--evidence", testing.evidence, "Evidence object (JSON), folder, or parts")
      .required()
      .takes(1, 16);
  test.text("--profile", testing.profile,
            "As if the policy named this evidence profile (snp-aci, snp)");
  add_trust(test, testing.trust);
}

}  // namespace

void add_evidence_parts(Command& command, EvidenceOptions& evidence) {
  command.text("--report", evidence.report, "SNP report, 1184 bytes");
  command.text("--endorsements", evidence.endorsements, "VCEK, ASK, ARK in PEM; or THIM JSON");
  command.text("--uvm", evidence.uvm, "UVM endorsement, COSE_Sign1");
  command.text("--endorsed-tcb", evidence.endorsed_tcb, "16 hex digits, either byte order");
}

void add_evidence(CommandLine& line) {
  add_policy(line);
  const Command evidence = line.group("evidence", "Attestation evidence, offline");
  auto [show, showing] =
      line.add(evidence, "show", "Decode evidence into a table; verifies nothing",
               "  vitrine evidence show snp.json\n"
               "  vitrine evidence show report.bin vcek.der ask.pem ark.pem\n",
               run_evidence_show);
  add_evidence_files(show, showing);
  auto [verify, verifying] =
      line.add(evidence, "verify", "Verify evidence and show its claims",
               "  vitrine evidence verify snp.json --at 2026-01-15T00:00:00Z\n"
               "  vitrine evidence verify folder-with-report/\n"
               "  vitrine evidence verify report.bin --vcek vcek.der --ask ask.pem "
               "--ark ark.pem\n",
               run_evidence_verify);
  add_evidence_files(verify, verifying.evidence);
  add_trust(verify, verifying.trust);
  auto [simulate, simulating] = line.add(
      evidence, "simulate", "Evidence by the simulated attester in COMMON/simulated",
      "  vitrine evidence simulate --wrapping-key wrap.pem --out snp.json\n"
      "  vitrine evidence verify snp.json --simulated-root vitrine-data/common/simulated\n",
      run_evidence_simulate);
  const auto key = simulate.text("--wrapping-key", simulating.wrapping_key,
                                 "Report data: the hash of this PEM text, then zeros");
  simulate.text("--report-data", simulating.report_data, "128 hex digits").excludes(key);
  simulate.text("--host-data", simulating.host_data, "64 hex digits");
  simulate.text("--out", simulating.out, "The evidence object (JSON); standard output without it");
}

}  // namespace vitrine::cli
