// The document of a proposal: from a file or from one action's arguments, naming its service.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "codec/json.h"

namespace vitrine::cli {

// {"actions":[{"name":action,"args":{…}}]}. Each argument is name=value (JSON where it is an
// object, array, quoted text, integer, true, false or null; else text), name=@FILE (the file's
// text, or its JSON where that is an object or array), or @FILE (an object with all of them).
Result<codec::json::Object> document_of(const std::string& action,
                                        const std::vector<std::string>& arguments);

// The names of its actions, "set_member, set_user". malformed: it has no list of actions.
Result<std::string> action_names(const codec::json::Object& document);

// Adds "service", or checks the one that is there. conflict: it is for another service.
Status name_service(codec::json::Object& document, const std::string& genesis_hash);

}  // namespace vitrine::cli
