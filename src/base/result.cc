#include "base/result.h"

namespace vitrine {

const char* name_of(Code code) {
  switch (code) {
    case Code::malformed:
      return "malformed";
    case Code::denied:
      return "denied";
    case Code::not_found:
      return "not_found";
    case Code::conflict:
      return "conflict";
    case Code::unavailable:
      return "unavailable";
    case Code::internal:
      return "internal";
  }
  return "internal";
}

}  // namespace vitrine
