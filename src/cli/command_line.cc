#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <ostream>
#include <string_view>

namespace vitrine::cli {
namespace {

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

struct CommandLine::Parser {
  CLI::App app;
};

Option& Option::required() {
  option_->required();
  return *this;
}
Option& Option::shows_default() {
  option_->capture_default_str();
  return *this;
}
Option& Option::one_of(const std::vector<std::string>& values) {
  option_->check(CLI::IsMember(values));
  return *this;
}
Option& Option::needs(const Option& other) {
  option_->needs(other.option_);
  return *this;
}
Option& Option::excludes(const Option& other) {
  option_->excludes(other.option_);
  return *this;
}
Option& Option::takes(int least, int most) {
  option_->expected(least, most);
  return *this;
}
Option& Option::each_takes_one() {
  option_->expected(1);
  option_->take_all();
  return *this;
}

Option Command::text(const std::string& names, std::string& to, const std::string& help) {
  return Option(app_->add_option(names, to, help));
}
Option Command::texts(const std::string& names, std::vector<std::string>& to,
                      const std::string& help) {
  return Option(app_->add_option(names, to, help));
}
Option Command::number(const std::string& names, std::int64_t& to, const std::string& help) {
  return Option(app_->add_option(names, to, help));
}
Option Command::flag(const std::string& names, bool& to, const std::string& help) {
  return Option(app_->add_flag(names, to, help));
}

CommandLine::CommandLine(const Environment& environment) : parser_(std::make_unique<Parser>()) {
  if (!environment.url.empty()) global_.url = environment.url;
  global_.ca = environment.ca;
  CLI::App& app = parser_->app;
  app.name("vitrine");
  app.description(
      "Vitrine, a confidential and transparent key management service: the command line.\n"
      "Verifies what the service says against its pinned certificate; trusts nothing else.");
  app.footer(
      "Exit status: 0 done, 1 internal, 2 malformed, 3 denied, 4 not found, 5 conflict,\n"
      "6 unavailable, 64 command line.\n"
      "Examples of each command: vitrine COMMAND --help");
  app.require_subcommand(1);
  app.fallthrough();  // global options may stand after the command
  app.set_version_flag("--version", "vitrine " + environment.version);
  Command all = root();
  all.text("--url", global_.url, "The service (VITRINE_URL)").shows_default();
  all.text("--ca,--service-cert", global_.ca,
           "Its pinned certificate, PEM (VITRINE_CA; else COMMON/service_cert.pem)");
  all.text("--common", global_.common, "What `vitrined --dev` wrote for its users").shows_default();
  all.flag("--insecure", global_.insecure, "Talk to whoever answers at that address");
  all.flag("--json", global_.json, "One JSON document on stdout; errors as JSON on stderr");
}

CommandLine::~CommandLine() = default;

Command CommandLine::root() { return Command(&parser_->app); }

Command CommandLine::group(const std::string& name, const std::string& description) {
  return group(root(), name, description);
}

Command CommandLine::group(Command parent, const std::string& name,
                           const std::string& description) {
  CLI::App* app = parent.app_->add_subcommand(name, description);
  app->require_subcommand(1);
  return Command(app);
}

Command CommandLine::add(Command parent, const std::string& name, const std::string& description,
                         const std::string& examples, Run command) {
  CLI::App* app = parent.app_->add_subcommand(name, description);
  app->footer("Examples:\n" + examples);
  app->callback([this, command = std::move(command)] { chosen_ = command; });
  return Command(app);
}

int CommandLine::run(int argc, const char* const* argv, const Clock& clock, std::ostream& out,
                     std::ostream& err) {
  CLI::App& app = parser_->app;
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    out << app.help();
    return 0;
  } catch (const CLI::CallForVersion& version) {
    out << version.what() << '\n';
    return 0;
  } catch (const CLI::RequiredError& error) {
    const auto unknown = app.remaining(true);
    return usage_error(unknown.empty() ? error.what() : "no command named " + unknown.front(),
                       asks_for_json(argc, argv), out, err);
  } catch (const CLI::Error& error) {
    return usage_error(error.what(), asks_for_json(argc, argv), out, err);
  }
  Output output(global_.json, out, err);
  Context context{global_, clock, output};
  const Status status = chosen_(context);
  if (status) return 0;
  output.error(status.error());
  return exit_status_of(status.error().code);
}

}  // namespace vitrine::cli
