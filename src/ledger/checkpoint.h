// Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint; transparency.md 3, 4): the
// public head of the RFC 9162 tree, signed with the log's Ed25519 key.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/key.h"

namespace vitrine::ledger {

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Digest root;
  std::vector<std::string> extensions;  // accepted, never emitted
};
std::string checkpoint_text(
    const Checkpoint& checkpoint);  // the note's text, final newline included
Result<Checkpoint> parse_checkpoint_text(std::string_view text);

struct NoteSignature {
  std::string name;
  std::uint32_t key_id = 0;
  Bytes signature;
  std::string line;  // verbatim, without newline
};
struct Note {
  std::string text;
  std::vector<NoteSignature> signatures;
};
Result<Note> parse_note(std::string_view note);

std::uint32_t ed25519_key_id(std::string_view name, const crypto::PublicKey& key);
std::string ed25519_vkey(std::string_view name,
                         const crypto::PublicKey& key);  // "name+hhhhhhhh+base64"
Result<std::string> sign_note(std::string_view text, std::string_view name,
                              const crypto::PrivateKey& key);
// denied: no signature by (name, key), or one that fails. Returns the note's text.
Result<std::string> verify_note(std::string_view note, std::string_view name,
                                const crypto::PublicKey& key);

}  // namespace vitrine::ledger
