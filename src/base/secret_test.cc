#include "base/secret.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <type_traits>
#include <vector>

#include "base/log.h"

namespace vitrine {
namespace {

static_assert(!std::is_copy_constructible_v<SecretBytes> &&
              !std::is_copy_assignable_v<SecretBytes>);
static_assert(std::is_nothrow_move_constructible_v<SecretBytes>);
static_assert(!std::is_convertible_v<SecretBytes, ByteView>);

TEST(SecretBytes, BeginsAsZeros) {
  const SecretBytes secret(1000);
  EXPECT_EQ(secret.size(), 1000U);
  EXPECT_TRUE(all_zero(secret.reveal()));
  EXPECT_TRUE(SecretBytes().empty());
  EXPECT_TRUE(SecretBytes(0).empty());
}

TEST(SecretBytes, MovesWithoutCopying) {
  SecretBytes a = SecretBytes::copy_of(as_bytes("secret"));
  const Byte* const place = a.reveal().data();
  SecretBytes b = std::move(a);
  EXPECT_EQ(b.reveal().data(), place);
  EXPECT_TRUE(a.empty());  // a secret that was moved away leaves nothing
  SecretBytes c = SecretBytes::copy_of(as_bytes("other"));
  c = std::move(b);
  EXPECT_EQ(as_text(c.reveal()), "secret");
  EXPECT_TRUE(b.empty());
  const SecretBytes d = c.clone();
  EXPECT_NE(d.reveal().data(), c.reveal().data());
  EXPECT_EQ(as_text(d.reveal()), "secret");
}

TEST(SecretBytes, SurvivesMoveToItself) {
  SecretBytes a = SecretBytes::copy_of(as_bytes("secret"));
  SecretBytes& same_one = a;
  a = std::move(same_one);
  EXPECT_EQ(as_text(a.reveal()), "secret");
}

// The arena hands the block that was freed last to the next request of its size.
TEST(SecretBytes, GivesBackWipedMemory) {
  for (const std::size_t size : {1, 31, 32, 33, 64, 1000, 16'384}) {
    const Byte* place = nullptr;
    {
      SecretBytes secret(size);
      std::fill(secret.reveal_writable().begin(), secret.reveal_writable().end(), Byte{0xa5});
      place = secret.reveal().data();
    }
    const SecretBytes next(size);
    EXPECT_EQ(next.reveal().data(), place) << size;
    EXPECT_TRUE(all_zero(next.reveal())) << size;
  }
}

TEST(SecretBytes, WipesWhatAssignmentReplaces) {
  SecretBytes a(48);
  std::fill(a.reveal_writable().begin(), a.reveal_writable().end(), Byte{0xa5});
  const Byte* const place = a.reveal().data();
  a = SecretBytes();
  const SecretBytes next(48);
  ASSERT_EQ(next.reveal().data(), place);
  EXPECT_TRUE(all_zero(next.reveal()));
}

TEST(SecretBytes, GivesDistinctMemoryToManySecretsOfManySizes) {
  std::vector<SecretBytes> secrets;
  std::size_t total = 0;
  for (std::size_t i = 0; i < 400; ++i) {
    secrets.emplace_back(1 + (i * 397) % 20'000);
    auto room = secrets.back().reveal_writable();
    ASSERT_TRUE(all_zero(room));
    std::fill(room.begin(), room.end(), static_cast<Byte>(i + 1));
    total += room.size();
  }
  for (std::size_t i = 0; i < secrets.size(); ++i) {
    const auto bytes = secrets[i].reveal();
    ASSERT_EQ(std::count(bytes.begin(), bytes.end(), static_cast<Byte>(i + 1)),
              static_cast<std::ptrdiff_t>(bytes.size()));
  }
  EXPECT_GT(total, 2'000'000U);
}

// The VmFlags of the mapping that holds an address (proc(5), smaps).
std::string vm_flags_of(const Byte* address) {
  std::ifstream maps("/proc/self/smaps");
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0, end = 0;
    const char* const last = line.data() + line.size();
    const auto first = std::from_chars(line.data(), last, begin, 16);
    if (first.ptr != last && *first.ptr == '-' &&
        std::from_chars(first.ptr + 1, last, end, 16).ec == std::errc()) {
      inside = begin <= wanted && wanted < end;
    }
    if (inside && line.starts_with("VmFlags:")) return line + " ";
  }
  return "";
}

// Not where the limit is too low, nor under a sanitizer, which turns mlock into nothing.
bool locking_works() {
  constexpr std::size_t kSize = 1024 * 1024;
  void* const probe =
      ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const bool locked =
      ::mlock(probe, kSize) == 0 &&
      vm_flags_of(static_cast<const Byte*>(probe)).find(" lo ") != std::string::npos;
  ::munmap(probe, kSize);
  return locked;
}

TEST(SecretBytes, LivesInMemoryLeftOutOfDumpsAndLocked) {
  for (const std::size_t size : {32, 100'000}) {
    const SecretBytes secret(size);
    const std::string flags = vm_flags_of(secret.reveal().data());
    EXPECT_NE(flags.find(" dd "), std::string::npos) << flags;
    EXPECT_EQ(flags.find(" lo ") != std::string::npos, locking_works()) << flags;
  }
}

TEST(SecretBytes, MayBeMadeByManyThreads) {
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int id = 1; id <= 4; ++id) {
    threads.emplace_back([id, &wrong] {
      for (std::size_t i = 0; i < 2000; ++i) {
        SecretBytes secret(1 + i % 100);
        if (!all_zero(secret.reveal())) ++wrong;
        const auto room = secret.reveal_writable();
        std::fill(room.begin(), room.end(), static_cast<Byte>(id));
        if (secret.clone().reveal().back() != id) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

// Runs in a process of its own: takes its right to lock memory away, makes two secrets, and ends
// with 0 if the log got one line for them where the kernel does refuse (a sanitizer never does).
[[noreturn]] void make_secrets_without_locked_memory() {
  constexpr std::size_t kSize = 100'000;
  const rlimit none{};
  std::vector<std::string> lines;
  log::set_sink_for_testing([&](std::string_view line) { lines.emplace_back(line); });
  if (::setrlimit(RLIMIT_MEMLOCK, &none) != 0) std::_Exit(1);
  constexpr uid_t kNobody = 65'534;  // root may lock memory whatever the limit
  if (::geteuid() == 0 && ::setresuid(kNobody, kNobody, kNobody) != 0) std::_Exit(2);
  Bytes probe(kSize);
  const std::size_t lines_wanted = ::mlock(probe.data(), kSize) != 0 ? 1 : 0;
  const SecretBytes a(kSize), b(kSize);
  if (!all_zero(a.reveal()) || !all_zero(b.reveal())) std::_Exit(3);
  if (lines.size() != lines_wanted) std::_Exit(4);
  const bool named = lines.empty() || lines[0].find("secrets not locked") != std::string::npos;
  std::_Exit(named ? 0 : 5);
}

TEST(SecretBytesDeathTest, WarnsOnceWhereMemoryMayNotBeLocked) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(make_secrets_without_locked_memory(), testing::ExitedWithCode(0), "");
}

TEST(EqualInConstantTime, ComparesContentAndSize) {
  EXPECT_TRUE(equal_in_constant_time(as_bytes("abc"), as_bytes("abc")));
  EXPECT_TRUE(equal_in_constant_time({}, {}));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("abd")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("xbc"), as_bytes("abc")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("ab")));
}

TEST(Wipe, ClearsBytesAndTextUpToItsCapacity) {
  Bytes bytes = {1, 2, 3};
  wipe(bytes);
  EXPECT_TRUE(all_zero(bytes));
  std::string text(100, 's');
  text.resize(10);
  const char* const place = text.data();
  wipe(text);
  EXPECT_TRUE(text.empty());
  ASSERT_EQ(text.data(), place);
  text.resize(100);  // within the capacity: the old characters would not be cleared one by one
  EXPECT_EQ(text, std::string(100, '\0'));
}

}  // namespace
}  // namespace vitrine
