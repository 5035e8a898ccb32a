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

int exit_status_of(Code code) {
  switch (code) {
    case Code::internal:
      return 1;
    case Code::malformed:
      return 2;
    case Code::denied:
      return 3;
    case Code::not_found:
      return 4;
    case Code::conflict:
      return 5;
    case Code::unavailable:
      return 6;
  }
  return 1;
}

}  // namespace vitrine
