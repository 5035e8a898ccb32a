// What every endpoint of governance asks of a request before it is read, on a running node and on
// one that waits for recovery shares (ccf.md 2, 3, 6). Pure.
#pragma once

#include <optional>
#include <string_view>

#include "governance/signed_request.h"
#include "net/http.h"
#include "net/target.h"

namespace vitrine::service {

// Each: the answer that refuses.
// 400 MissingApiVersionParameter, UnsupportedApiVersionValue.
std::optional<net::Response> check_api_version(const net::Target& target);
// 400 InvalidResourceName: `id`, which the path gives as `name`, is not 64 hex digits.
std::optional<net::Response> check_id(std::string_view name, std::string_view id);
// 401: the body is not said to be a COSE message, exactly.
std::optional<net::Response> check_cose_content(const net::Request& request,
                                                governance::Signers signers);
// 401 in CCF's shape: one policy was tried, and `message` says why it does not fit.
net::Response signature_refused(governance::Signers signers, std::string_view message);

}  // namespace vitrine::service
