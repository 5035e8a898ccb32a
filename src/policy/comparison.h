// How values of a policy compare with claims: one typed rule, in one place (kms-api.md 12.2 #15;
// decisions.md, Wire). Text, number and truth value are equal when their texts are: 2 and "2", true
// and "true". Nothing else converts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "attestation/claims.h"
#include "codec/json.h"

namespace vitrine::policy {

// The text of a string, an integer or a truth value; nullopt for anything else (null, fractions,
// arrays, objects).
std::optional<std::string> text_of_value(const codec::json::Value& value);
// An integer, or text that is one decimal integer and nothing else: "3", "-1", never "3x", "03" or
// "3.0".
std::optional<std::int64_t> number_of(const codec::json::Value& value);
std::optional<std::int64_t> number_of(const attestation::ClaimValue& value);
// A list claim equals no value: it is unclear whether one element of it or all would have to fit.
bool equals(const codec::json::Value& wanted, const attestation::ClaimValue& found);

}  // namespace vitrine::policy
