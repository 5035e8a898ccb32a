// Files and standard input of commands, bounded. "-" names standard input. What may be secret goes
// from the descriptor straight into SecretBytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "cli/output.h"
#include "codec/json.h"

namespace vitrine::cli {

inline constexpr std::size_t kFileBytesMax = 4'194'304;        // certificates, evidence, proposals
inline constexpr std::size_t kPlaintextBytesMax = 16'777'216;  // of seal and open

Result<Bytes> read_input(const std::string& path, std::size_t bytes_max = kFileBytesMax);
Result<std::string> read_text(const std::string& path, std::size_t bytes_max = kFileBytesMax);
Result<codec::json::Object> read_json(const std::string& path);
Result<SecretBytes> read_secret(const std::string& path, std::size_t bytes_max = kFileBytesMax);
// A bearer token without blanks and newlines around it.
Result<SecretBytes> read_token(const std::string& path);

// Others may read `0644` files, not `0600` ones; the file is replaced as a whole. A path that is no
// regular file (a pipe, /dev/null) is written to as it is.
Status write_public(const std::string& path, ByteView content);
Status write_private(const std::string& path, ByteView content);

// The same for files that must not exist yet. conflict: one of that name is there.
Status write_new_public(const std::string& path, ByteView content);
Status write_new_private(const std::string& path, ByteView content);

// One line of standard input, where a person sits there; nullopt where none does.
std::optional<std::string> ask(Output& out, std::string_view question);

}  // namespace vitrine::cli
