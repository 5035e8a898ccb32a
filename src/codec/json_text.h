// How ECMAScript writes numbers and strings; used by the JSON writer alone.
#pragma once

#include <string>
#include <string_view>

namespace vitrine::codec::json {

// Number::toString (ECMA-262, 6.1.6.1.20) for radix 10; what is not finite becomes "null", as
// JSON.stringify has it, and so does no finite value.
void append_number(std::string& out, double number);
// QuoteJSONString (ECMA-262, 25.5.2.3).
void append_quoted(std::string& out, std::string_view text);

}  // namespace vitrine::codec::json
