// The query's `fmt` (kms-api.md 2.4).
#pragma once

#include <optional>

#include "core/release_key.h"
#include "net/target.h"

namespace vitrine::service {

// jwk when absent or empty; nullopt for an unknown one.
std::optional<core::KeyFormat> key_format(const net::Target& target);

}  // namespace vitrine::service
