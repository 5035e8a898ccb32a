// Writes HTTP/1.1 messages. Always with content-length, never in chunks: clients of the KMS
// allocate their buffer from that header (kms-api.md 1.1).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"

namespace vitrine::net::http1 {

enum class ConnectionOption { silent, keep_alive, close };  // silent: HTTP/1.1's own default

// Appends `response`; without its bytes of body for HEAD. The caller's content-length, connection
// and transfer-encoding are dropped; a header whose name is no token is dropped; a control
// character in a value becomes '?', so that no value ever becomes a header or an answer of its own.
void append_response(std::string& out, const Response& response, bool with_body,
                     ConnectionOption connection);

// malformed: a method, target or header that HTTP can't carry. `host` is sent where the request has
// no host header.
Status append_request(std::string& out, const Request& request, std::string_view host);

}  // namespace vitrine::net::http1
