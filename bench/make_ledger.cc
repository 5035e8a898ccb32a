// make_ledger FOLDER ENTRIES: a data folder with a ledger of that many releases, as a service in
// development mode would have written it, for measuring what reads one (vitrine audit, backup).
#include <charconv>
#include <cstring>

#include "bench/ledger_bed.h"
#include "core/accept_proposal.h"

int main(int argc, char** argv) {
  using namespace vitrine;
  std::uint64_t entries = 0;
  if (argc != 3 ||
      std::from_chars(argv[2], argv[2] + std::strlen(argv[2]), entries).ec != std::errc()) {
    std::fprintf(stderr, "usage: make_ledger FOLDER ENTRIES\n");
    return 64;
  }
  bench::Bed bed;
  bed.fill(entries);
  const std::string certificate = bed.core().view()->state.service->certificate.pem();
  bed.stop();
  std::error_code failed;
  std::filesystem::create_directory(argv[1]);
  std::filesystem::copy(bed.folder(), argv[1], failed);
  bench::must(write_file_atomically(std::string(argv[1]) + "/service_cert.pem",
                                    as_bytes(certificate), 0644));
  return failed ? 1 : 0;
}
