// The audit that several commands make before they believe a ledger.
#pragma once

#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/ledger_folder.h"
#include "client/audit/auditor.h"

namespace vitrine::cli {

// "SOURCE, entry N: reason", with a hint.
tl::unexpected<Error> as_error(const std::string& source, const client::audit::Finding& finding);

// Audits without telling the history; progress as the terminal allows, or asked for.
Result<client::audit::Report> audit_quietly(client::audit::Source& source,
                                            const std::vector<std::string>& earlier,
                                            bool progress_asked, Context& context);

inline constexpr std::size_t kCheckpointBytesMax = 1'048'576;
inline constexpr std::size_t kSealedSecretsBytesMax = 1'048'576;

}  // namespace vitrine::cli
