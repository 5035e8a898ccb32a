#include "cli/audit_run.h"

#include <iostream>

#include "cli/connection.h"
#include "cli/progress.h"

namespace vitrine::cli {
namespace {

class Quiet final : public client::audit::Observer {
 public:
  explicit Quiet(Progress& progress) : progress_(progress) {}
  void entry(const client::audit::Read&, const client::audit::Before&,
             const client::audit::Standing&) override {}
  void progress(std::uint64_t entries, std::uint64_t of) override { progress_.show(entries, of); }

 private:
  Progress& progress_;
};

}  // namespace

tl::unexpected<Error> as_error(const std::string& source, const client::audit::Finding& finding) {
  const std::string place = place_of(finding);
  Error error = finding.error;
  error.message = source + (place.empty() ? "" : ", " + place) + ": " + error.message;
  if (error.code == Code::internal && error.hint.empty()) {
    error.hint =
        "this is not the history that the service signed; keep the copy, and compare it with "
        "others";
  }
  return tl::unexpected<Error>(std::move(error));
}

Result<client::audit::Report> audit_quietly(client::audit::Source& source,
                                            const std::vector<std::string>& earlier,
                                            bool progress_asked, Context& context) {
  VITRINE_TRY(auto pinned, required_certificate(context.global));
  Progress progress(std::cerr, Progress::form(progress_asked), "audited", "entries");
  Quiet observer(progress);
  auto report = client::audit::audit(source, {std::move(pinned), earlier}, observer);
  progress.clear();
  if (!report) return as_error(source.describe(), report.error());
  return *std::move(report);
}

}  // namespace vitrine::cli
