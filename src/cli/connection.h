// How commands reach the service and what certificate they trust it by.
#pragma once

#include <optional>

#include "base/result.h"
#include "cli/commands.h"
#include "client/receipt.h"
#include "client/service.h"
#include "crypto/x509.h"

namespace vitrine::cli {

// The service certificate from --ca, VITRINE_CA, or <common>/service_cert.pem; nullopt where none
// of them is given or there.
Result<std::optional<crypto::Certificate>> pinned_certificate(const Global& global);
// The same; malformed with a hint how to get one where there is none.
Result<crypto::Certificate> required_certificate(const Global& global);

// To the service of --url, which the pinned certificate alone vouches for, or, with --insecure,
// nobody.
Result<net::ClientConfig> client_config(const Context& context, const Caller& caller = {});
// A client that trusts the pinned certificate alone, or, with --insecure, anyone.
Result<client::Service> connect(const Context& context, const Caller& caller = {});

// The error; where it is about who calls and nobody was named, with a hint how to be somebody.
tl::unexpected<Error> with_caller_hint(Error error, const Caller& caller);

// "verified: transaction 2.14, node 1413e2c6…"
std::string describe(const ledger::VerifiedReceipt& verified, const ledger::Receipt& receipt);
// What `describe` says, for programs.
codec::json::Object to_json(const ledger::VerifiedReceipt& verified,
                            const ledger::Receipt& receipt);

}  // namespace vitrine::cli
