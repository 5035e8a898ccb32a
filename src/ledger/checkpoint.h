// Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint; transparency.md 3, 4): the
// public head of the RFC 9162 tree, signed with the log's Ed25519 key.
#pragma once

#include <cstdint>
#include <span>
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
// The note's text: three lines, final newline included.
std::string checkpoint_text(const Checkpoint& checkpoint);
// malformed: bytes that are no checkpoint, a size over 2^63 - 1, size 0 with another root than the
// empty one, over 16 lines.
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
// malformed: not a signed note, over 1 MiB, over 64 signatures. Nothing is verified.
Result<Note> parse_note(std::string_view note);

std::uint32_t ed25519_key_id(std::string_view name, const crypto::PublicKey& key);
std::string ed25519_vkey(std::string_view name,
                         const crypto::PublicKey& key);  // "name+hhhhhhhh+base64"
// A key of type 0x01 under its name.
struct NoteKey {
  std::string name;
  crypto::PublicKey key;
};
Result<NoteKey> parse_ed25519_vkey(std::string_view vkey);

// malformed: a text or name that no reader would take; internal: not an Ed25519 key.
Result<std::string> sign_note(std::string_view text, std::string_view name,
                              const crypto::PrivateKey& key);
// denied: no signature by (name, key), or one that fails. Returns the note's text.
Result<std::string> verify_note(std::string_view note, std::string_view name,
                                const crypto::PublicKey& key);
// The same with several known keys: at least one signed, and no line of a known key fails.
Result<std::string> verify_note(std::string_view note, std::span<const NoteKey> known);

}  // namespace vitrine::ledger
