// Signed notes and checkpoints from witnesses, mirrors and files. A note is its text, an empty line
// and its signature lines, nothing else; a checkpoint without extensions has one spelling.
#include "base/assert.h"
#include "ledger/checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vitrine;
  const auto text = as_text({data, size});
  if (const auto note = ledger::parse_note(text); note) {
    std::string again = note->text + "\n";
    for (const auto& signature : note->signatures) again += signature.line + "\n";
    VITRINE_ASSERT(again == text);
  }
  if (const auto checkpoint = ledger::parse_checkpoint_text(text); checkpoint) {
    std::string again = ledger::checkpoint_text(*checkpoint);
    for (const auto& extension : checkpoint->extensions) again += extension + "\n";
    VITRINE_ASSERT(again == text);
  }
  if (const auto key = ledger::parse_ed25519_vkey(text); key) {
    VITRINE_ASSERT(ledger::ed25519_vkey(key->name, key->key) == text);
  }
  return 0;
}
