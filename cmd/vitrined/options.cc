#include "vitrined/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <iostream>
#include <thread>

#include "base/text.h"
#include "base/version.h"
#include "governance/constitution.h"
#include "seals/objects.h"
#include "vitrined/toml_file.h"

namespace vitrine::vitrined {
namespace {

constexpr const char* kExamples = R"(Examples:
  vitrined --dev
      A development service on https://127.0.0.1:8000 with throw-away members, users and evidence.
  vitrined --config vitrine.toml --genesis genesis.toml
      The first start of a service: genesis.toml says who governs it and by which policies.
  vitrined --config vitrine.toml
      Every later start.

The settings of the file, and what a genesis file holds, are in docs/configuration.md.)";

// One setting of the file: its name and what it does with the value.
using Set = std::function<Status(Options&, const codec::json::Value&)>;

Status set_text(std::string& to, const codec::json::Value& value) {
  if (!value.is_string()) return malformed("must be text");
  to = std::string(codec::json::text_view(value.get_string()));
  return {};
}

template <class T>
Status set_integer(T& to, const codec::json::Value& value, std::int64_t low, std::int64_t high) {
  if (!value.is_int64() || value.get_int64() < low || value.get_int64() > high) {
    return malformed("must be an integer from " + std::to_string(low) + " to " +
                     std::to_string(high));
  }
  to = static_cast<T>(value.get_int64());
  return {};
}

Status set_seconds(std::chrono::milliseconds& to, const codec::json::Value& value) {
  std::int64_t seconds = 0;
  VITRINE_CHECK(set_integer(seconds, value, 1, 3600));
  to = std::chrono::seconds(seconds);
  return {};
}

Status set_texts(std::vector<std::string>& to, const codec::json::Value& value) {
  if (!value.is_array()) return malformed("must be a list of texts");
  to.clear();
  for (const auto& item : value.get_array()) {
    to.emplace_back();
    VITRINE_CHECK(set_text(to.back(), item));
  }
  return {};
}

Status set_level(log::Level& to, std::string_view name) {
  if (name == "debug")
    to = log::Level::debug;
  else if (name == "info")
    to = log::Level::info;
  else if (name == "warning")
    to = log::Level::warning;
  else if (name == "error")
    to = log::Level::error;
  else
    return malformed("must be debug, info, warning or error");
  return {};
}

Status set_pcrs(std::vector<std::uint8_t>& to, const codec::json::Value& value) {
  if (!value.is_array()) return malformed("must be a list of numbers");
  to.clear();
  for (const auto& item : value.get_array())
    VITRINE_CHECK(set_integer(to.emplace_back(), item, 0, 23));
  return seals::check_pcrs(to, "the list");
}

// "4,7,11"
Status set_pcrs(std::vector<std::uint8_t>& to, std::string_view text) {
  codec::json::Array list;
  for (const auto part : split(text, ',')) {
    const auto number = parse_decimal(part);
    if (!number || *number > 23)
      return malformed("must be numbers from 0 to 23 with commas between them");
    list.emplace_back(static_cast<std::int64_t>(*number));
  }
  return set_pcrs(to, codec::json::Value(std::move(list)));
}

const std::map<std::string, Set, std::less<>>& settings() {
  static const std::map<std::string, Set, std::less<>> table = {
      {"data", [](Options& o, const auto& v) { return set_text(o.data, v); }},
      {"unseal_key", [](Options& o, const auto& v) { return set_text(o.unseal_key, v); }},
      {"genesis", [](Options& o, const auto& v) { return set_text(o.genesis, v); }},
      {"seal.kind", [](Options& o, const auto& v) { return set_text(o.seal, v); }},
      {"seal.tpm2_tcti", [](Options& o, const auto& v) { return set_text(o.tpm2.tcti, v); }},
      {"seal.tpm2_pcrs", [](Options& o, const auto& v) { return set_pcrs(o.tpm2.pcrs, v); }},
      {"seal.pkcs11_module",
       [](Options& o, const auto& v) { return set_text(o.pkcs11.module, v); }},
      {"seal.pkcs11_token", [](Options& o, const auto& v) { return set_text(o.pkcs11.token, v); }},
      {"seal.pkcs11_pin_file",
       [](Options& o, const auto& v) { return set_text(o.pkcs11.pin_file, v); }},
      {"listen.address", [](Options& o, const auto& v) { return set_text(o.server.address, v); }},
      {"listen.port",
       [](Options& o, const auto& v) { return set_integer(o.server.port, v, 0, 65535); }},
      {"listen.io_threads",
       [](Options& o, const auto& v) { return set_integer(o.server.io_threads, v, 1, 64); }},
      {"listen.dns_names",
       [](Options& o, const auto& v) { return set_texts(o.alternatives.dns_names, v); }},
      {"listen.ip_addresses",
       [](Options& o, const auto& v) { return set_texts(o.alternatives.ip_addresses, v); }},
      {"limits.header_bytes",
       [](Options& o, const auto& v) {
         return set_integer(o.server.limits.header_bytes_max, v, 1024, 16'384);
       }},
      {"limits.body_bytes",
       [](Options& o, const auto& v) {
         return set_integer(o.server.limits.body_bytes_max, v, 65'536, 1'000'000);
       }},
      {"limits.connections",
       [](Options& o, const auto& v) {
         return set_integer(o.server.limits.connections_max, v, 1, 1'000'000);
       }},
      {"limits.connections_per_address",
       [](Options& o, const auto& v) {
         return set_integer(o.server.limits.connections_per_address_max, v, 1, 1'000'000);
       }},
      {"limits.buffered_body_bytes",
       [](Options& o, const auto& v) {
         return set_integer(o.server.limits.buffered_body_bytes_max, v, 1'000'000, 1LL << 36);
       }},
      {"limits.handshake_seconds",
       [](Options& o, const auto& v) { return set_seconds(o.server.limits.handshake_timeout, v); }},
      {"limits.idle_seconds",
       [](Options& o, const auto& v) { return set_seconds(o.server.limits.idle_timeout, v); }},
      {"limits.request_seconds",
       [](Options& o, const auto& v) { return set_seconds(o.server.limits.request_timeout, v); }},
      {"limits.release_workers",
       [](Options& o, const auto& v) {
         return set_integer(o.budgets.release_workers, v, 1, 1024);
       }},
      {"limits.governance_workers",
       [](Options& o, const auto& v) {
         return set_integer(o.budgets.governance_workers, v, 1, 1024);
       }},
      {"limits.open_workers",
       [](Options& o, const auto& v) { return set_integer(o.budgets.open_workers, v, 1, 1024); }},
      {"limits.verifications",
       [](Options& o, const auto& v) { return set_integer(o.verifications, v, 0, 1024); }},
      {"limits.wait_milliseconds",
       [](Options& o, const auto& v) -> Status {
         std::int64_t milliseconds = 0;
         VITRINE_CHECK(set_integer(milliseconds, v, 1, 60'000));
         o.budgets.wait_max = std::chrono::milliseconds(milliseconds);
         return {};
       }},
      {"limits.body_seconds",
       [](Options& o, const auto& v) { return set_seconds(o.server.limits.body_timeout, v); }},
      {"snapshots.entries",
       [](Options& o, const auto& v) {
         return set_integer(o.snapshot_entries, v, 0, 1'000'000'000);
       }},
      {"issuers.refresh_seconds",
       [](Options& o, const auto& v) -> Status {
         std::int64_t seconds = 0;
         VITRINE_CHECK(set_integer(seconds, v, 1, 86'400));
         o.issuer_refresh = std::chrono::seconds(seconds);
         return {};
       }},
      {"audit_trail.path",
       [](Options& o, const auto& v) { return set_text(o.audit_trail_path.emplace(), v); }},
      {"audit_trail.file_bytes",
       [](Options& o, const auto& v) {
         return set_integer(o.audit_trail.file_bytes, v, 4096, 1LL << 36);
       }},
      {"audit_trail.files",
       [](Options& o, const auto& v) { return set_integer(o.audit_trail.files, v, 1, 1000); }},
      {"log.level",
       [](Options& o, const auto& v) -> Status {
         std::string name;
         VITRINE_CHECK(set_text(name, v));
         return set_level(o.log_level, name);
       }},
  };
  return table;
}

constexpr std::array<std::string_view, 7> kTables = {
    "seal", "listen", "limits", "snapshots", "issuers", "audit_trail", "log"};

Status apply_file(Options& options, const TomlFile& file, const codec::json::Object& table,
                  const std::string& prefix) {
  for (const auto& member : table) {
    const std::string name = prefix + std::string(member.key().data(), member.key().size());
    if (const auto setting = settings().find(name); setting != settings().end()) {
      if (const Status set = setting->second(options, member.value()); !set) {
        return malformed(file.place(name) + ": " + name + " " + set.error().message,
                         "see docs/configuration.md");
      }
    } else if (member.value().is_object() &&
               std::find(kTables.begin(), kTables.end(), name) != kTables.end()) {
      VITRINE_CHECK(apply_file(options, file, member.value().get_object(), name + "."));
    } else if (std::find(kTables.begin(), kTables.end(), name) != kTables.end()) {
      return malformed(file.place(name) + ": " + name + " must be a table",
                       "see docs/configuration.md");
    } else {
      std::string known;
      for (const auto& [key, set] : settings()) known += (known.empty() ? "" : ", ") + key;
      return malformed(file.place(name) + ": unknown setting " + name, "settings are: " + known);
    }
  }
  return {};
}

// What the command line said; empty where it was silent.
struct Flags {
  bool dev = false;
  bool recover = false;
  bool no_seccomp = false;
  std::string config, data, unseal_key, genesis, constitution, address, log_level,
      simulated_measurement, seal, tpm2_tcti, tpm2_pcrs, pkcs11_module, pkcs11_token,
      pkcs11_pin_file, hand_off, hand_off_ca;
  std::optional<std::uint16_t> port;
};

void describe_seals(CLI::App& app, Flags& flags) {
  app.add_option("--seal", flags.seal,
                 "What guards the service's secrets at rest: file (default), tpm2, pkcs11 or snp; "
                 "which are allowed is governed (docs/seals.md)")
      ->type_name("KIND");
  app.add_option("--unseal-key", flags.unseal_key,
                 "file: key file that unseals the secrets, mode 0600; made at genesis")
      ->type_name("FILE");
  app.add_option("--tpm2-tcti", flags.tpm2_tcti,
                 "tpm2: how the TPM is reached (default device:/dev/tpmrm0)")
      ->type_name("TCTI");
  app.add_option("--tpm2-pcrs", flags.tpm2_pcrs,
                 "tpm2: PCRs of the SHA-256 bank that a new seal is bound to (default 4,7,11)")
      ->type_name("LIST");
  app.add_option("--pkcs11-module", flags.pkcs11_module, "pkcs11: the token's module")
      ->type_name("FILE");
  app.add_option("--pkcs11-token", flags.pkcs11_token, "pkcs11: the token's label")
      ->type_name("LABEL");
  app.add_option("--pkcs11-pin-file", flags.pkcs11_pin_file,
                 "pkcs11: file with the user's PIN, mode 0600")
      ->type_name("FILE");
}

void describe(CLI::App& app, Flags& flags) {
  app.footer(kExamples);
  app.set_version_flag("--version", std::string("vitrined ") + kVersion);
  app.add_flag("--dev", flags.dev,
               "Development mode: throw-away identities, simulated evidence, compatible settings");
  app.add_flag(
      "--recover", flags.recover,
      "Wait for members' recovery shares, whatever the seal says; the node gets a new key");
  app.add_option("--config", flags.config, "Settings, TOML; flags override it")->type_name("FILE");
  app.add_option("--data", flags.data, "Data folder (default vitrine-data)")->type_name("DIR");
  app.add_option("--genesis", flags.genesis,
                 "Who governs, and by what; read only when the data folder is empty")
      ->type_name("FILE");
  app.add_option("--constitution", flags.constitution,
                 "With --dev, at its first start: majority (default), veto, operator or sandbox")
      ->type_name("PRESET");
  app.add_option("--handoff", flags.hand_off,
                 "Take over from the version that runs there: get the secrets, seal them, wait "
                 "until it stops, start (docs/operations.md)")
      ->type_name("URL");
  app.add_option("--handoff-ca", flags.hand_off_ca,
                 "Certificate of the service that runs (default DIR/service_cert.pem)")
      ->type_name("FILE");
  describe_seals(app, flags);
  app.add_option("--simulated-measurement", flags.simulated_measurement,
                 "With --dev: the measurement that this program's evidence shows, as if its code "
                 "were another")
      ->type_name("HEX");
  app.add_option("--address", flags.address, "Address to listen on (default 127.0.0.1)")
      ->type_name("IP");
  app.add_option("--port", flags.port, "Port to listen on (default 8000; 0: the system picks)");
  app.add_flag(
      "--no-seccomp", flags.no_seccomp,
      "Do not confine the process's system calls: for debuggers, or a kernel without filters");
  app.add_option("--log-level", flags.log_level, "debug, info, warning or error");
}

Status apply_constitution(Options& options, const std::string& preset) {
  if (preset.empty()) return {};
  if (!options.dev) {
    return malformed("--constitution goes with --dev alone",
                     "the genesis file says it elsewhere: [service] constitution");
  }
  if (const auto known = governance::Constitution::preset(preset); !known)
    return in_context("--constitution", known.error());
  options.constitution = preset;
  return {};
}

Status apply_seal_flags(Options& options, const Flags& flags) {
  if (!flags.seal.empty()) options.seal = flags.seal;
  if (!flags.unseal_key.empty()) options.unseal_key = flags.unseal_key;
  if (!flags.tpm2_tcti.empty()) options.tpm2.tcti = flags.tpm2_tcti;
  if (!flags.tpm2_pcrs.empty()) {
    if (const Status set = set_pcrs(options.tpm2.pcrs, flags.tpm2_pcrs); !set)
      return malformed("--tpm2-pcrs " + flags.tpm2_pcrs + ": " + set.error().message,
                       "as in 4,7,11: docs/seals.md");
  }
  if (!flags.pkcs11_module.empty()) options.pkcs11.module = flags.pkcs11_module;
  if (!flags.pkcs11_token.empty()) options.pkcs11.token = flags.pkcs11_token;
  if (!flags.pkcs11_pin_file.empty()) options.pkcs11.pin_file = flags.pkcs11_pin_file;
  return {};
}

// Before anything is touched: the kind, and that it has what it needs.
Status check_seal_options(const Options& options) {
  if (options.seal == "file" || options.seal == "tpm2" || options.seal == "snp") return {};
  if (options.seal != "pkcs11") {
    return malformed("--seal " + options.seal + ": no such kind of seal",
                     "kinds are file, tpm2, pkcs11, snp: docs/seals.md");
  }
  const auto& [module, token, pin_file] = options.pkcs11;
  if (module.empty() || token.empty() || pin_file.empty()) {
    return malformed("--seal pkcs11: module, token and PIN file must be named",
                     "--pkcs11-module FILE --pkcs11-token LABEL --pkcs11-pin-file FILE");
  }
  return {};
}

Status apply_flags(Options& options, const Flags& flags) {
  options.dev = flags.dev;
  options.recover = flags.recover;
  options.seccomp = !flags.no_seccomp;
  if (!flags.data.empty()) options.data = flags.data;
  VITRINE_CHECK(apply_seal_flags(options, flags));
  if (!flags.genesis.empty()) options.genesis = flags.genesis;
  options.simulated_measurement = flags.simulated_measurement;
  if (!flags.address.empty()) options.server.address = flags.address;
  if (flags.port) options.server.port = *flags.port;
  if (!flags.log_level.empty()) {
    if (const Status set = set_level(options.log_level, flags.log_level); !set) {
      return malformed("--log-level " + flags.log_level + ": " + set.error().message);
    }
  }
  VITRINE_CHECK(apply_constitution(options, flags.constitution));
  while (options.data.size() > 1 && options.data.back() == '/') options.data.pop_back();
  VITRINE_CHECK(check_seal_options(options));
  options.hand_off = flags.hand_off;
  options.hand_off_ca = flags.hand_off_ca;
  if (!options.dev && !options.simulated_measurement.empty()) {
    return malformed("--simulated-measurement goes with --dev alone",
                     "outside development mode the processor says what this program is");
  }
  if (options.dev && !options.genesis.empty()) {
    return malformed("--genesis does not go with --dev", "development mode makes its own genesis");
  }
  return {};
}

}  // namespace

unsigned Options::verifications_at_once() const {
  return verifications != 0 ? verifications : std::max(1U, std::thread::hardware_concurrency());
}

TrailSettings Options::trail() const {
  TrailSettings settings = audit_trail;
  settings.path = audit_trail_path ? *audit_trail_path : data + "/audit_trail.jsonl";
  return settings;
}

std::string Options::unseal_key_path() const {
  if (!unseal_key.empty()) return unseal_key;
  return dev ? common() + "/unseal_key" : data + ".unseal-key";
}

Result<std::optional<Options>> read_options(int argc, const char* const* argv) {
  CLI::App app("vitrined: a confidential and transparent key management service", "vitrined");
  Flags flags;
  describe(app, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {  // --help, --version
    app.exit(help, std::cout, std::cerr);
    return std::optional<Options>();
  } catch (const CLI::ParseError& error) {
    return malformed(error.what(), "vitrined --help lists every flag");
  }
  Options options;
  if (!flags.config.empty()) {
    VITRINE_TRY(const TomlFile file, read_toml(flags.config));
    VITRINE_CHECK(apply_file(options, file, file.root, ""));
  }
  VITRINE_CHECK(apply_flags(options, flags));
  return std::optional<Options>(std::move(options));
}

}  // namespace vitrine::vitrined
