// The command line: every command's options and examples, and nothing else.
#include <CLI/CLI.hpp>
#include <functional>
#include <ostream>

#include "cli/commands.h"
#include "cli/run.h"

namespace vitrine::cli {
namespace {

using Command = std::function<Status(Context&)>;

// Collects options, then holds the one command that was chosen.
class Parser {
 public:
  explicit Parser(const Environment& environment) : version_(environment.version) {
    if (!environment.url.empty()) global_.url = environment.url;
    global_.ca = environment.ca;
    app_.name("vitrine");
    app_.description(
        "Vitrine, a confidential and transparent key management service: the command line.\n"
        "Verifies what the service says against its pinned certificate; trusts nothing else.");
    app_.footer(
        "Exit status: 0 done, 1 internal, 2 malformed, 3 denied, 4 not found, 5 conflict,\n"
        "6 unavailable, 64 command line.\n"
        "Examples of each command: vitrine COMMAND --help");
    app_.require_subcommand(1);
    app_.fallthrough();  // global options may stand after the command
    app_.set_version_flag("--version", "vitrine " + version_);
    add_global_options();
    add_keys();
    add_sealing();
    add_release();
    add_receipts();
    add_policies();
    add_governance();
    add_tokens();
    add_evidence();
    add_status();
  }

  CLI::App& app() { return app_; }
  const Global& global() const { return global_; }
  const Command& command() const { return command_; }

 private:
  void add_global_options() {
    app_.add_option("--url", global_.url, "The service (VITRINE_URL)")->capture_default_str();
    app_.add_option("--ca", global_.ca,
                    "Its pinned certificate, PEM (VITRINE_CA; else COMMON/service_cert.pem)");
    app_.add_option("--common", global_.common, "What `vitrined --dev` wrote for its users")
        ->capture_default_str();
    app_.add_flag("--insecure", global_.insecure, "Talk to whoever answers at that address");
    app_.add_flag("--json", global_.json, "One JSON document on stdout; errors as JSON on stderr");
  }

  CLI::App* group(const std::string& name, const std::string& description) {
    CLI::App* app = app_.add_subcommand(name, description);
    app->require_subcommand(1);
    return app;
  }

  template <class Options>
  CLI::App* add(CLI::App& parent, const std::string& name, const std::string& description,
                const std::string& examples, Options& options,
                Status (*run)(const Options&, Context&)) {
    CLI::App* app = parent.add_subcommand(name, description);
    app->footer("Examples:\n" + examples);
    app->callback([this, &options, run] {
      command_ = [&options, run](Context& context) { return run(options, context); };
    });
    return app;
  }

  CLI::App* add(CLI::App& parent, const std::string& name, const std::string& description,
                const std::string& examples, Status (*run)(Context&)) {
    CLI::App* app = parent.add_subcommand(name, description);
    app->footer("Examples:\n" + examples);
    app->callback([this, run] { command_ = run; });
    return app;
  }

  static void add_caller(CLI::App* app, Caller& caller) {
    app->add_option("--token", caller.token, "Bearer token, a file or -");
    auto* cert = app->add_option("--cert", caller.cert, "TLS client certificate, PEM");
    auto* key = app->add_option("--key", caller.key, "Its private key, PEM");
    cert->needs(key);
    key->needs(cert);
  }

  static void add_trust(CLI::App* app, TrustOptions& trust) {
    app->add_option("--at", trust.at, "Judge at this time (RFC 3339, date, or seconds)");
    app->add_option("--roots,--root", trust.roots, "Trust this ARK certificate as well, PEM")
        ->expected(1, 8);
    app->add_option("--simulated-root", trust.simulated_root,
                    "Trust the simulated attester in this folder as well");
  }

  static void add_parts(CLI::App* app, EvidenceOptions& evidence) {
    app->add_option("--report", evidence.report, "SNP report, 1184 bytes");
    app->add_option("--endorsements", evidence.endorsements, "VCEK, ASK, ARK in PEM; or THIM JSON");
    app->add_option("--uvm", evidence.uvm, "UVM endorsement, COSE_Sign1");
    app->add_option("--endorsed-tcb", evidence.endorsed_tcb, "16 hex digits, either byte order");
  }

  static void add_evidence_files(CLI::App* app, EvidenceOptions& evidence) {
    app->add_option("FILE", evidence.files,
                    "Evidence object (JSON), folder, or parts in any order");
    add_parts(app, evidence);
    app->add_option("--vcek,--vlek", evidence.vcek, "VCEK or VLEK, DER or PEM");
    app->add_option("--ask", evidence.ask, "ASK or ASVK, DER or PEM");
    app->add_option("--ark", evidence.ark, "ARK, DER or PEM");
  }

  static void add_format(CLI::App* app, std::string& format) {
    app->add_option("--fmt", format, "Key format")
        ->check(CLI::IsMember({"jwk", "tink"}))
        ->capture_default_str();
  }

  void add_keys() {
    auto* pubkey = add(app_, "pubkey", "Fetch a public key and verify its receipt",
                       "  vitrine pubkey\n"
                       "  vitrine pubkey --kid LehdaA32x1rR3oQpsO6E09k4VlvJZqbItoPdN0TVwgI_1\n"
                       "  vitrine pubkey --out key.json && vitrine receipt verify key.json\n",
                       pubkey_, run_pubkey);
    pubkey->add_option("--kid", pubkey_.kid, "Key id; the newest exposed key without it");
    add_format(pubkey, pubkey_.format);
    pubkey->add_option("--out", pubkey_.out, "Save the answer, receipt included");

    auto* keys = group("keys", "The service's keys");
    add(*keys, "list", "What the public endpoints give", "  vitrine keys list\n", run_keys_list);
    auto* refresh = add(*keys, "refresh", "Make a new key pair in the service",
                        "  vitrine keys refresh\n"
                        "  vitrine keys refresh --token token.jwt\n"
                        "  vitrine keys refresh --cert user0_cert.pem --key user0_privk.pem\n",
                        refresh_, run_keys_refresh);
    add_caller(refresh, refresh_.caller);
  }

  void add_sealing() {
    auto* seal = add(app_, "seal", "Encrypt to a key of the service (HPKE)",
                     "  echo hello | vitrine seal >sealed.json\n"
                     "  vitrine seal --key key.json --in prompt.txt --out sealed.json\n",
                     seal_, run_seal);
    seal->add_option("--kid", seal_.kid, "Key id; the newest exposed key without it");
    seal->add_option("--key", seal_.key, "A public key saved by `vitrine pubkey --out`");
    seal->add_option("--in", seal_.in, "Plaintext, a file or -")->capture_default_str();
    seal->add_option("--out", seal_.out, "Sealed text (JSON); standard output without it");

    auto* open = add(app_, "open", "Decrypt with a released private key (HPKE)",
                     "  vitrine open --key released-key.jwk --in sealed.json\n"
                     "  vitrine open --key released-key.tink --out prompt.txt <sealed.json\n",
                     open_, run_open);
    open->add_option("--key", open_.key, "Private key: JWK, or binary Tink keyset")->required();
    open->add_option("--in", open_.in, "Sealed text, a file or -")->capture_default_str();
    open->add_option("--out", open_.out, "Plaintext (mode 0600); standard output without it");
  }

  void add_release() {
    auto* release =
        add(app_, "release", "Get a private key for this workload",
            "  vitrine release --simulate --token token.jwt --out key.jwk\n"
            "  vitrine release --attestation snp.json --wrapping-key wrap.pem \\\n"
            "      --wrapping-private-key wrap_privk.pem --token token.jwt --fmt tink\n"
            "  vitrine release --report report.bin --endorsements chain.pem --uvm uvm.cose \\\n"
            "      --endorsed-tcb DB18000000000004 --wrapping-private-key wrap_privk.pem "
            "--token token.jwt\n",
            release_, run_release);
    release->add_option("--attestation", release_.attestation, "Evidence object, JSON");
    add_parts(release, release_.evidence);
    release->add_flag("--simulate", release_.simulate,
                      "Evidence by the simulated attester in COMMON/simulated");
    release->add_option("--host-data", release_.host_data, "Of simulated evidence, 64 hex digits");
    release->add_option("--token", release_.token, "Bearer token, a file or -")->required();
    release->add_option("--kid", release_.kid, "Key id; the newest key without it");
    add_format(release, release_.format);
    release->add_option("--wrapping-key", release_.wrapping_key,
                        "RSA public key whose text the report data binds, PEM");
    release->add_option("--wrapping-private-key", release_.wrapping_private_key,
                        "Its private half, PEM; a new pair is made without it");
    release->add_option("--out", release_.out,
                        "The private key (mode 0600); released-key.jwk or .tink without it");
  }

  void add_receipts() {
    auto* receipt = group("receipt", "Receipts: proof that an entry is in the ledger");
    auto* verify = add(*receipt, "verify", "Verify a receipt offline",
                       "  vitrine receipt verify key.json --ca service_cert.pem\n"
                       "  vitrine receipt verify receipt.json --x B6N8vBQgk8i3Vdwb…\n",
                       receipt_verify_, run_receipt_verify);
    verify
        ->add_option("FILE", receipt_verify_.file,
                     "Answer of pubkey, receipt object, or receipt text in a JSON string")
        ->required();
    verify->add_option("--x", receipt_verify_.x, "The public key it must be of, base64url");
    auto* get =
        add(*receipt, "get", "Fetch and verify the receipt of a transaction",
            "  vitrine receipt get 2.14 --out receipt.json\n", receipt_get_, run_receipt_get);
    get->add_option("TXID", receipt_get_.transaction_id, "VIEW.SEQNO")->required();
    get->add_option("--out", receipt_get_.out, "Save the receipt");
  }

  void add_policies() {
    auto* policy = group("policy", "Policies in force, and a dry run");
    auto* show =
        add(*policy, "show", "A policy in force",
            "  vitrine policy show\n  vitrine policy show jwt\n", policy_show_, run_policy_show);
    show->add_option("KIND", policy_show_.kind, "release, jwt, rotation or settings")
        ->check(CLI::IsMember({"release", "jwt", "rotation", "settings"}))
        ->capture_default_str();
    add_caller(show, policy_show_.caller);
    auto* test = add(*policy, "test", "Would this policy release to this evidence? Offline",
                     "  vitrine policy test --policy proposal.json --evidence snp.json\n"
                     "  vitrine policy test --policy policy.json --evidence snp.json "
                     "--at 2026-01-15\n",
                     policy_test_, run_policy_test);
    test->add_option("--policy", policy_test_.policy,
                     "Proposal, its args, or a policy as `policy show` prints it, JSON")
        ->required();
    test->add_option("--evidence", policy_test_.evidence,
                     "Evidence object (JSON), folder, or parts")
        ->required()
        ->expected(1, 16);
    test->add_option("--profile", policy_test_.profile,
                     "As if the policy named this evidence profile (snp-aci, snp)");
    add_trust(test, policy_test_.trust);
  }

  void add_governance() {
    auto* propose = add(app_, "propose", "Sign a proposal as a user and send it",
                        "  vitrine propose set_key_release_policy.json\n"
                        "  vitrine propose p.json --cert user1_cert.pem --key user1_privk.pem\n"
                        "  vitrine propose p.json --cose-out p.cose\n",
                        propose_, run_propose);
    propose->add_option("FILE", propose_.file, "{\"actions\":[…]}, or - for standard input")
        ->required();
    auto* cert = propose->add_option("--cert", propose_.cert, "Signer; else COMMON/user0_cert.pem");
    auto* key = propose->add_option("--key", propose_.key, "Its key; else COMMON/user0_privk.pem");
    cert->needs(key);
    key->needs(cert);
    propose->add_option("--cose-out", propose_.cose_out, "Only write the signed bytes");
  }

  void add_tokens() {
    auto* token = group("token", "Bearer tokens");
    auto* dev = add(*token, "dev", "A token of the development issuer",
                    "  vitrine token dev --out token.jwt\n"
                    "  vitrine token dev --claim name=Someone --claim 'roles=[\"a\"]'\n"
                    "  vitrine token dev --expires -60\n",
                    token_dev_, run_token_dev);
    dev->add_option("--claim", token_dev_.claims, "name=value; JSON values are kept as such")
        ->expected(1)
        ->take_all();
    dev->add_option("--issuer", token_dev_.issuer, "Claim iss")->capture_default_str();
    dev->add_option("--expires", token_dev_.expires_seconds, "Seconds from now; may be negative")
        ->capture_default_str();
    dev->add_flag("--make", token_dev_.make, "Make the issuer's key where there is none");
    dev->add_option("--out", token_dev_.out, "Write it (mode 0600); standard output without it");
  }

  void add_evidence() {
    auto* evidence = group("evidence", "Attestation evidence, offline");
    auto* show = add(*evidence, "show", "Decode evidence into a table; verifies nothing",
                     "  vitrine evidence show snp.json\n"
                     "  vitrine evidence show report.bin vcek.der ask.pem ark.pem\n",
                     evidence_show_, run_evidence_show);
    add_evidence_files(show, evidence_show_);
    auto* verify = add(*evidence, "verify", "Verify evidence and show its claims",
                       "  vitrine evidence verify snp.json --at 2026-01-15T00:00:00Z\n"
                       "  vitrine evidence verify folder-with-report/\n"
                       "  vitrine evidence verify report.bin --vcek vcek.der --ask ask.pem "
                       "--ark ark.pem\n",
                       evidence_verify_, run_evidence_verify);
    add_evidence_files(verify, evidence_verify_.evidence);
    add_trust(verify, evidence_verify_.trust);
    auto* simulate =
        add(*evidence, "simulate", "Evidence by the simulated attester in COMMON/simulated",
            "  vitrine evidence simulate --wrapping-key wrap.pem --out snp.json\n"
            "  vitrine evidence verify snp.json --simulated-root vitrine-data/common/simulated\n",
            evidence_simulate_, run_evidence_simulate);
    auto* key = simulate->add_option("--wrapping-key", evidence_simulate_.wrapping_key,
                                     "Report data: the hash of this PEM text, then zeros");
    simulate->add_option("--report-data", evidence_simulate_.report_data, "128 hex digits")
        ->excludes(key);
    simulate->add_option("--host-data", evidence_simulate_.host_data, "64 hex digits");
    simulate->add_option("--out", evidence_simulate_.out,
                         "The evidence object (JSON); standard output without it");
  }

  void add_status() {
    add(app_, "status", "The node in one screen", "  vitrine status\n", run_status);
  }

  CLI::App app_;
  std::string version_;
  Global global_;
  Command command_;
  PubkeyOptions pubkey_;
  KeysRefreshOptions refresh_;
  SealOptions seal_;
  OpenOptions open_;
  ReleaseOptions release_;
  ReceiptVerifyOptions receipt_verify_;
  ReceiptGetOptions receipt_get_;
  PolicyShowOptions policy_show_;
  PolicyTestOptions policy_test_;
  ProposeOptions propose_;
  TokenDevOptions token_dev_;
  EvidenceOptions evidence_show_;
  EvidenceVerifyOptions evidence_verify_;
  EvidenceSimulateOptions evidence_simulate_;
};

// The parser's complaint, in our form; a usage error even where the parser throws.
int usage_error(const std::string& message, bool json, std::ostream& out, std::ostream& err) {
  Output output(json, out, err);
  output.error(Error{Code::malformed, "command line: " + message,
                     "see vitrine --help, or vitrine COMMAND --help"});
  return kExitUsage;
}

bool asks_for_json(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--json") return true;
  }
  return false;
}

}  // namespace

int run(int argc, const char* const* argv, const Environment& environment, const Clock& clock,
        std::ostream& out, std::ostream& err) {
  const auto parser = std::make_unique<Parser>(environment);
  try {
    parser->app().parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    out << parser->app().help();
    return 0;
  } catch (const CLI::CallForVersion& version) {
    out << version.what() << '\n';
    return 0;
  } catch (const CLI::RequiredError& error) {
    const auto unknown = parser->app().remaining(true);
    return usage_error(unknown.empty() ? error.what() : "no command named " + unknown.front(),
                       asks_for_json(argc, argv), out, err);
  } catch (const CLI::Error& error) {
    return usage_error(error.what(), asks_for_json(argc, argv), out, err);
  }
  Output output(parser->global().json, out, err);
  Context context{parser->global(), clock, output};
  const Status status = parser->command()(context);
  if (status) return 0;
  output.error(status.error());
  return exit_status_of(status.error().code);
}

}  // namespace vitrine::cli
