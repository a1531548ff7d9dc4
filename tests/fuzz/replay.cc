// Hands the files of a directory to a fuzz target, one after the other: what fuzzers have found
// interesting, or wrong, is tried again by every run of the tests.
//   edgefeed_fuzz_replay_TARGET CORPUS…     each a file or a directory
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "tests/fuzz/target.h"

namespace {

std::vector<std::filesystem::path> FilesOf(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return {path};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

void Replay(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  // A copy of exactly that size: a sanitizer sees who reads behind it. The name is there first, for
  // who reads what a crash has left.
  const std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
  std::fprintf(stderr, "%s\n", file.c_str());
  LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t replayed = 0;
  for (const char* path : std::span(argv, static_cast<std::size_t>(argc)).subspan(1)) {
    const auto files = FilesOf(path);
    if (files.empty()) {
      std::fprintf(stderr, "%s: an empty corpus\n", path);
      return 1;
    }
    for (const auto& file : files) Replay(file);
    replayed += files.size();
  }
  std::fprintf(stderr, "%zu replayed\n", replayed);
  return replayed == 0 ? 1 : 0;
}
