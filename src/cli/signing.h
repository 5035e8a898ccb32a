// Signing a request of governance for a command: with a key file, or by writing what an HSM signs.
#pragma once

#include <optional>

#include "cli/governance_commands.h"
#include "client/governance/signed_request.h"

namespace vitrine::cli {

Result<crypto::Certificate> signer_certificate(const SigningOptions& options,
                                               const Context& context);
Result<client::Signer> read_signer(const std::string& cert, const std::string& key);

// The signed bytes to send. nullopt: they, or with --prepare what is to be signed, went to a file,
// `context.out` has said so, and the command is done. `document` is added to the result.
Result<std::optional<Bytes>> sign_or_write(const client::SignedRequest& request,
                                           const SigningOptions& options, Context& context,
                                           codec::json::Object document);

// {"alg":-35,"value":"<base64 of the digest>"} (ccf.md 2).
codec::json::Object to_json(const client::ToSign& to_sign);

// denied: a person was asked and did not say yes.
Status confirm(const SigningOptions& options, Context& context, std::string_view question);

}  // namespace vitrine::cli
