// The program's version; CMakeLists.txt says the same.
#pragma once

namespace vitrine {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace vitrine
