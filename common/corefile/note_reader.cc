#include "common/corefile/note_reader.h"

#include <algorithm>

#include "common/base/sizes.h"
#include "common/corefile/elf_format.h"

namespace edgefeed {
namespace {

constexpr std::size_t kHeaderBytes = sizeof(Elf64_Nhdr);
constexpr std::uint32_t kMaxNameBytes = 32;
constexpr std::uint32_t kMaxFileListBytes = 768 << 10;
constexpr std::uint32_t kMaxContentBytes = 64 << 10;
constexpr std::size_t kMaxNotes = std::size_t{1} << 18;

constexpr std::uint64_t Padded(std::uint64_t bytes) { return (bytes + 3) & ~std::uint64_t{3}; }

// How much of a note is held. Nothing of one that is too large, but for the list of files, whose
// beginning is worth having.
std::uint64_t HeldBytes(const Elf64_Nhdr& header) {
  if (header.n_type == NT_FILE) return std::min(header.n_descsz, kMaxFileListBytes);
  return header.n_descsz <= kMaxContentBytes ? header.n_descsz : 0;
}

std::string_view NameOf(std::string_view padded, std::uint32_t bytes) {
  const std::string_view name = padded.substr(0, bytes);
  return name.substr(0, name.find('\0'));
}

}  // namespace

void NoteReader::Update(std::string_view bytes) {
  while (!bytes.empty() && !ended_) {
    if (skip_ > 0) {
      const auto skipped = std::min(ToSize(skip_), bytes.size());
      bytes.remove_prefix(skipped);
      skip_ -= skipped;
      continue;
    }
    if (wanted_ == 0) BeginNote();
    const std::size_t taken = std::min(wanted_ - buffer_.size(), bytes.size());
    buffer_.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    if (buffer_.size() < wanted_) return;
    if (in_header_) {
      TakeHeader();
    } else {
      Emit();
    }
  }
}

void NoteReader::BeginNote() {
  buffer_.clear();
  wanted_ = kHeaderBytes;
  in_header_ = true;
}

// A note without a name is none of the kernel's: most likely zeros, as many as anybody likes.
void NoteReader::TakeHeader() {
  const auto header = *ReadAt<Elf64_Nhdr>(buffer_, 0);
  if (header.n_namesz == 0 || ++notes_ > kMaxNotes) {
    ended_ = true;
    return;
  }
  const std::uint64_t name = Padded(header.n_namesz);
  const std::uint64_t content = Padded(header.n_descsz);
  const std::uint64_t held = HeldBytes(header);
  if (header.n_namesz > kMaxNameBytes || (held == 0 && content > 0)) {
    skip_ = name + content;
    wanted_ = 0;
    return;
  }
  const std::uint64_t taken = held == header.n_descsz ? content : held;
  in_header_ = false;
  wanted_ = ToSize(kHeaderBytes + name + taken);
  skip_after_ = content - taken;
  buffer_.reserve(wanted_);
}

void NoteReader::Emit() {
  const auto header = *ReadAt<Elf64_Nhdr>(buffer_, 0);
  const std::string_view all = buffer_;
  const std::size_t content_at = ToSize(kHeaderBytes + Padded(header.n_namesz));
  const bool whole = all.size() == content_at + Padded(header.n_descsz);
  on_note_({.name = NameOf(all.substr(kHeaderBytes), header.n_namesz),
            .type = header.n_type,
            .content = all.substr(content_at, header.n_descsz),
            .full_bytes = header.n_descsz,
            .whole = whole ? all : std::string_view()});
  skip_ = skip_after_;
  wanted_ = 0;
}

void NoteReader::Finish() {
  const bool has_content =
      wanted_ > 0 && !in_header_ &&
      buffer_.size() > kHeaderBytes + Padded(ReadAt<Elf64_Nhdr>(buffer_, 0)->n_namesz);
  if (has_content && !ended_) Emit();
  buffer_ = {};
  wanted_ = 0;
  skip_ = 0;
  ended_ = false;
}

}  // namespace edgefeed
