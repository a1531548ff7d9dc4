#include "ctl/upload_file.h"

#include <doctest/doctest.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkstemp() is POSIX, not <cstdlib>.
#include <unistd.h>

#include <filesystem>
#include <vector>

namespace edgefeed {
namespace {

class TemporaryFile {
 public:
  explicit TemporaryFile(std::size_t size) {
    name_ = (std::filesystem::temp_directory_path() / "upload-XXXXXX").string();
    fd_.Reset(::mkstemp(name_.data()));
    REQUIRE(fd_.valid());
    Append(std::string(size, 'x'));
  }
  ~TemporaryFile() { ::unlink(name_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void Append(const std::string& data) const {
    REQUIRE(::write(fd_.get(), data.data(), data.size()) == static_cast<ssize_t>(data.size()));
  }
  void Truncate(off_t size) const { REQUIRE(::ftruncate(fd_.get(), size) == 0); }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  UniqueFd fd_;
};

constexpr std::size_t kChunk = std::size_t{256} * 1024;

Result<std::vector<std::size_t>> ReadAll(UploadFile& file) {
  std::vector<std::size_t> sizes;
  while (true) {
    const auto chunk = file.Next();
    if (!chunk) return chunk.error();
    sizes.push_back(chunk->data.size());
    if (chunk->is_last) return sizes;
  }
}

TEST_CASE("a file comes in chunks, the last one marked") {
  const std::vector<std::pair<std::size_t, std::vector<std::size_t>>> cases = {
      {0, {0}},
      {1, {1}},
      {kChunk, {kChunk}},
      {kChunk + 1, {kChunk, 1}},
      {2 * kChunk, {kChunk, kChunk}}};
  for (const auto& [size, chunks] : cases) {
    CAPTURE(size);
    const TemporaryFile temporary(size);
    auto file = UploadFile::Open(temporary.name());
    REQUIRE(file);
    CHECK(file->size_bytes() == size);

    const auto sizes = ReadAll(*file);

    REQUIRE(sizes);
    CHECK(*sizes == chunks);
    CHECK(file->sent_bytes() == size);
  }
}

TEST_CASE("progress counts what was handed out before") {
  const TemporaryFile temporary(kChunk + 5);
  auto file = UploadFile::Open(temporary.name());
  REQUIRE(file);
  std::vector<std::uint64_t> progress;
  file->SetProgress([&](std::uint64_t sent_bytes) { progress.push_back(sent_bytes); });

  REQUIRE(ReadAll(*file));

  CHECK(progress == std::vector<std::uint64_t>{0, kChunk});
}

TEST_CASE("a file that grows or shrinks while it is read is refused") {
  for (const bool grows : {true, false}) {
    CAPTURE(grows);
    const TemporaryFile temporary(3 * kChunk);
    auto file = UploadFile::Open(temporary.name());
    REQUIRE(file);
    REQUIRE(file->Next());
    if (grows) {
      temporary.Append("y");
    } else {
      temporary.Truncate(static_cast<off_t>(2 * kChunk + 7));
    }

    const auto rest = ReadAll(*file);

    REQUIRE(!rest);
    CHECK(rest.error().code == Code::kAborted);
    CHECK(rest.error().message.find(temporary.name() + ": changed while it was read") == 0);
  }
}

TEST_CASE("what cannot be opened is named") {
  const auto missing = UploadFile::Open("/nonexistent/a");
  REQUIRE(!missing);
  CHECK(missing.error().message == "/nonexistent/a: No such file or directory");
  const auto directory = UploadFile::Open("/");
  REQUIRE(!directory);
  CHECK(directory.error().message.starts_with("/: is a directory"));
}

}  // namespace
}  // namespace edgefeed
