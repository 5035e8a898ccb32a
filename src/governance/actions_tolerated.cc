// Actions of CCF that mean nothing here: deployment scripts send them (kms-api.md 8.3). Where the
// governed setting says so they are accepted, and do nothing.
#include <array>

#include "governance/action_args.h"
#include "governance/action_table.h"

namespace vitrine::governance {
namespace {

using codec::json::Object;

Status do_nothing(const Change& change, const Object& args, ArgNames known) {
  if (!change.state.settings.tolerate_no_ops) {
    return malformed("it means nothing to this service, which runs no scripts",
                     "the governed setting tolerate_no_ops lets it pass without an effect");
  }
  return check_args(args, known);
}

Status set_js_app(Change& change, const Object& args) {
  VITRINE_CHECK(do_nothing(change, args, {"bundle", "disable_bytecode_cache"}));
  VITRINE_TRY(const auto* bundle, object_arg(args, "bundle"));
  static_cast<void>(bundle);
  return {};
}

Status set_js_runtime_options(Change& change, const Object& args) {
  return do_nothing(
      change, args,
      {"max_heap_bytes", "max_stack_bytes", "max_execution_time_ms", "log_exception_details",
       "return_exception_details", "max_cached_interpreters"});
}

Status without_args(Change& change, const Object& args) { return do_nothing(change, args, {}); }

constexpr std::array kRows = std::to_array<ActionRow>({
    {"set_js_app", set_js_app},
    {"set_js_runtime_options", set_js_runtime_options},
    {"remove_js_app", without_args},
    {"refresh_js_app_bytecode_cache", without_args},
    {"trigger_ledger_chunk", without_args},
    {"trigger_snapshot", without_args},
});

}  // namespace

std::span<const ActionRow> tolerated_actions() { return kRows; }

}  // namespace vitrine::governance
